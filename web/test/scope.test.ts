import assert from "node:assert/strict";
import test from "node:test";
import { Census } from "../src/health/census";
import { cameraOf, readableScope, scopeOf } from "../src/health/scope";
import { Words } from "../src/i18n";
import { camera } from "./cameras";

function census(): Census {
  const all = new Census();
  const counts = { cameras: 1, watchable: 1, downSinceMs: null, evidence: null };
  all.apply({ type: "sites", sites: [{ id: "ky-anh", name: "Kỳ Anh", parent: null, ...counts }] });
  all.apply({
    type: "cameras",
    cameras: [
      camera({ id: "a", number: 101, name: "Ngã ba Kỳ Anh", tags: ["nga-ba"] }),
      camera({ id: "b", number: 102, name: "Chợ" }),
      camera({ id: "c", number: 103, name: "Chợ" }),
    ],
  });
  return all;
}

test("a camera is found by id, number or name, and a name of two cameras by none", () => {
  for (const typed of ["a", "101", " nga ba ky anh "])
    assert.equal(cameraOf(typed, census())?.id, "a");
  for (const typed of ["", "cho", "nobody"]) assert.equal(cameraOf(typed, census()), undefined);
});

test("an order's scope is written as the service reads it, and only of what there is", () => {
  assert.equal(scopeOf("camera", "102", census()), "b");
  assert.equal(scopeOf("site", "ky-anh", census()), "site:ky-anh");
  assert.equal(scopeOf("tag", "nga-ba", census()), "tag:nga-ba");
  assert.equal(scopeOf("all", "", census()), "*");
  assert.equal(scopeOf("site", "atlantis", census()), null);
  assert.equal(scopeOf("tag", "", census()), null);
});

test("a scope reads as people say it", () => {
  const words = new Words("en");
  assert.equal(readableScope("a", census(), words), "101 Ngã ba Kỳ Anh");
  assert.equal(readableScope("site:ky-anh", census(), words), "Kỳ Anh");
  assert.equal(readableScope("*", census(), words), "All cameras");
  assert.equal(readableScope("site:gone", census(), words), "site:gone");
});
