import assert from "node:assert/strict";
import test from "node:test";
import { meant, patch, shown, typed } from "../src/admin/patch";
import { FIELDS, SECTIONS } from "../src/admin/schema";
import { Words } from "../src/i18n";

test("what a control shows is what it means when nobody touched it", () => {
  const values = [
    [{ is: "text" }, "Ngã ba"],
    [{ is: "whole" }, 101],
    [{ is: "flag" }, false],
    [{ is: "texts" }, ["*", "site:ky-anh"]],
    [{ is: "choice", of: ["tcp", "udp"] }, "udp"],
  ] as const;
  for (const [kind, value] of values) assert.deepEqual(meant(kind, shown(kind, value)), value);
  assert.equal(meant({ is: "text" }, shown({ is: "text" }, undefined)), null);
});

test("only what differs is sent, and what was emptied goes", () => {
  const before = { id: "a", number: 1, tags: ["x"], site: "yard" };
  const after = { id: "a", number: 2, tags: ["x"], site: null, name: null };
  assert.deepEqual(patch(before, after), { number: 2, site: null });
});

test("a number that is none cannot be meant, and text that is no JSON is text", () => {
  assert.equal(meant({ is: "whole" }, "12a"), undefined);
  assert.equal(typed("2m"), "2m");
  assert.deepEqual(typed('{"vi":"x"}'), { vi: "x" });
  assert.equal(typed(" "), null);
});

test("every list and every field has words in both languages", () => {
  for (const language of ["vi", "en"] as const) {
    const words = new Words(language);
    for (const section of SECTIONS) {
      assert.notEqual(words.known("admin", section), section);
      for (const { key } of FIELDS[section]) assert.notEqual(words.known("admin.key", key), key);
    }
  }
});
