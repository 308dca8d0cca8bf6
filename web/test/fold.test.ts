import assert from "node:assert/strict";
import test from "node:test";
import { finds, searchable } from "../src/fold";

test("marks and case do not matter, composed or not, as in the service's own search", () => {
  const cases: readonly (readonly [string, string])[] = [
    ["Ngã ba Đồng Lộc", "nga ba dong loc"],
    ["KỲ ANH", "ky anh"],
    ["Ky\u0300 Anh", "ky anh"],
    ["Trường Nguyễn Huệ 2", "truong nguyen hue 2"],
    ["ĐƯỜNG SỐ 1", "duong so 1"],
  ];
  for (const [text, plain] of cases) assert.equal(searchable(text), plain);
});

test("what is typed without marks finds what is written with them", () => {
  assert.ok(finds("ky anh", searchable("Ngã ba Kỳ Anh")));
  assert.ok(finds("duong", searchable("Đường số 1")));
  assert.ok(finds("Đường", searchable("duong so 1")));
  assert.ok(!finds("ky anh", searchable("Kỳ Sơn")));
});

test("words are found in any order and each must be there", () => {
  const text = searchable("101 Ngã ba Kỳ Anh");
  assert.ok(finds("anh  nga 101", text));
  assert.ok(!finds("anh cho", text));
  assert.ok(finds("", text));
});
