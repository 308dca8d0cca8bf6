import assert from "node:assert/strict";
import test from "node:test";
import { fromField, monthOf, readableMonth, toField } from "../src/health/times";
import { Words } from "../src/i18n";

const AT = Date.UTC(2026, 10, 23, 17, 5, 0);

test("a field for a time is in Vietnam's time, whatever the browser's is", () => {
  assert.equal(toField(AT), "2026-11-24T00:05");
  assert.equal(fromField("2026-11-24T00:05"), AT);
  for (const text of ["", "tomorrow", "2026-13-40T99:99"]) assert.equal(fromField(text), null);
});

test("the month is the one that people there have", () => {
  assert.equal(monthOf(Date.UTC(2026, 10, 30, 18)), "2026-12");
  assert.equal(readableMonth("2026-12"), "12/2026");
});

test("a moment names its day unless it is today", () => {
  const words = new Words("vi");
  assert.equal(words.moment(AT, AT + 3_600_000), "00:05");
  assert.equal(words.moment(AT, AT - 3_600_000), "24/11 00:05");
  assert.equal(words.dayAndTime(AT), "24/11/2026 00:05:00");
});
