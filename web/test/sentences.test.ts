import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import test from "node:test";
import { dutyWords } from "../src/duty/words";
import { Words } from "../src/i18n";
import { Sentences } from "../src/sentences";
import { signInWords } from "../src/sign-in/words";
import acts from "../src/words/said/acts.json";
import evidence from "../src/words/said/evidence.json";
import passwords from "../src/words/said/passwords.json";
import refusals from "../src/words/said/refusals.json";
import settings from "../src/words/said/settings.json";

const ALL = { acts, evidence, passwords, refusals, settings };
const vi = new Words("vi");

const DARK = "the mean level is 2 %, where it is usually 43 % at this hour";

test("a sentence and its Vietnamese have the same holes, and no hole touches another", () => {
  const names = (text: string, hole: RegExp) => [...text.matchAll(hole)].map(([, n]) => n).sort();
  for (const [file, pairs] of Object.entries(ALL)) {
    for (const [english, vietnamese] of Object.entries(pairs)) {
      const holes = names(english, /\{(\w+)(?::text|:said)?\}/g);
      assert.deepEqual(holes, names(vietnamese, /\{(\w+)\}/g), `${file}: ${english}`);
      assert.equal(new Set(holes).size, holes.length, english);
      assert.ok(vietnamese.trim() !== "", english);
      assert.doesNotMatch(english, /\}\{/);
    }
  }
});

test("every sentence is understood as itself, whatever figures it holds", () => {
  for (const [file, pairs] of Object.entries(ALL)) {
    for (const [english, vietnamese] of Object.entries(pairs)) {
      const hollow = english.replace(/\{\w+(?::text|:said)?\}|\P{Letter}/gu, "").length < 10;
      if (hollow && english.includes(":said}")) continue;
      const said = english.replace(/\{\w+(?::text|:said)?\}/g, "7");
      const expected = vietnamese.replace(/\{\w+\}/g, "7");
      assert.equal(vi.said(said), expected, `${file}: ${english}`);
    }
  }
});

test("evidence is told with its figures", () => {
  assert.equal(vi.said(DARK), "độ sáng trung bình 2 %, bình thường giờ này là 43 %");
  assert.equal(
    vi.said("the camera's clock is 24 h behind the service's, give or take 0.2 s"),
    "đồng hồ camera chậm hơn máy chủ 24 giờ, sai số 0.2 s",
  );
});

test("a sentence within a sentence is told in the same language, and what is not known stays", () => {
  const closed = "the camera closed the connection while the session was being set up";
  assert.equal(
    vi.said(`${closed}; no further try for 3 min`),
    "camera đóng kết nối khi mở phiên; 3 phút nữa mới thử lại",
  );
  assert.equal(
    vi.said("keyframes cannot be decoded: a word from a far library"),
    "không giải mã được khung khóa: a word from a far library",
  );
  assert.equal(
    vi.said("keyframes cannot be decoded: parts of the picture were lost"),
    "không giải mã được khung khóa: mất một phần hình",
  );
});

test("what is counted up is told piece by piece", () => {
  assert.equal(
    vi.said("the view has moved about 12 % of its width to the right and 3° clockwise"),
    "góc nhìn đã lệch khoảng 12 % chiều rộng sang phải và 3° theo chiều kim đồng hồ",
  );
  assert.equal(
    vi.said("the stream is H.264 (avc1), 1280x720; ordered is H.265, 640 wide"),
    "luồng đang là H.264 (avc1), 1280x720; quy định là H.265, rộng 640",
  );
});

test("a refusal that begins with a capital is known, and names stay names", () => {
  assert.equal(
    vi.said("Cell 3 of screen left is pinned: unpin it first. Nothing was changed."),
    "Ô 3 của màn hình left đang ghim: hãy bỏ ghim trước. Chưa có gì thay đổi.",
  );
});

test("mistakes of the configuration are told, but for lists of words and what a library says", () => {
  const folder = "../tests/config/invalid";
  const files = readdirSync(folder).filter((file) => file.endsWith(".expected"));
  const lines = files.flatMap((file) => readFileSync(`${folder}/${file}`, "utf8").split("\n"));
  const told = lines.filter(Boolean).flatMap((line) => {
    const [where = "", remedy = ""] = line.split(" — ");
    return [where.replace(/^\S+: (?:\S+: )?/, ""), remedy];
  });
  assert.ok(told.length > 300, `${told.length}`);
  const untold = new Set(told.filter((text) => vi.said(text) === text));
  const rest = [...untold].filter((text) => !/^use [\w-]+(, [\w-]+)+$/.test(text));
  assert.deepEqual(rest.sort(), [
    '"13x2": it is no layout: use "grid", "1+5", "1+7", or columns and rows as "4x3", 12 at most',
    '"localhost": invalid socket address syntax',
    "169.254.169.254 is link-local",
    "there is no wall.preset nigth",
  ]);
});

test("what is no sentence of the service stays as it is, and so does everything in English", () => {
  const others = [
    "",
    "Thay ống kính, xong lúc 10:00",
    "Fire at gate 3: people run; call help and more",
    "Use the back door. It is open, and there is no guard",
    "is the door open",
    `${DARK} or so`,
    `It says ${DARK}`,
    "the mean level is very low %, where it is usually 43 % at this hour",
  ];
  for (const text of others) assert.equal(vi.said(text), text);
  const en = new Words("en");
  for (const text of [DARK, ...others]) assert.equal(en.said(text), text);
});

test("text from outside can neither add holes nor change the sentence around it", () => {
  const hostile = [
    "$& $1 $` $'",
    "{why} {level}",
    "(.*)+[a-z]{2,}\\1|^$",
    "\u0000\u001b[31m\u202e\u2066",
    "<img src=x onerror=alert(1)>",
    "__proto__",
  ];
  for (const text of hostile) {
    assert.equal(
      vi.said(`the camera's video could not be put together: ${text}`),
      `không ghép được video của camera: ${text}`,
    );
    assert.equal(vi.said(text), text);
  }
});

test("no text takes long: a bounded number of looks, and none at what no sentence is as long as", () => {
  const looked: string[] = [];
  const count = new Sentences({
    "{a:said}: {b:said}": "{a}: {b}",
    "{a:said}; {b:said}": "{a}; {b}",
  });
  const startsWith = String.prototype.startsWith;
  const long = `${"; : , and ".repeat(190)}.`;
  String.prototype.startsWith = function (this: string, ...given) {
    looked.push(given[0]);
    return startsWith.apply(this, given);
  };
  try {
    assert.equal(count.vietnamese(long), long);
    assert.ok(looked.length > 0 && looked.length <= 400, `${looked.length} looks`);
    looked.length = 0;
    assert.equal(count.vietnamese(`${long}${long}`), `${long}${long}`);
    assert.equal(looked.length, 0);
  } finally {
    String.prototype.startsWith = startsWith;
  }
});

test("the phone and the sign-in page know what is said there", () => {
  assert.equal(dutyWords("vi").said(DARK), vi.said(DARK));
  assert.equal(
    dutyWords("vi").said("Somebody else has taken it. Nothing was changed."),
    "Người khác đã nhận. Chưa có gì thay đổi.",
  );
  assert.match(signInWords("vi").said("A password has 256 bytes at most."), /^Mật khẩu dài nhất/);
  assert.equal(dutyWords("en").said(DARK), DARK);
});
