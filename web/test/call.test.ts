import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { entries, importRoster, mistakesOf, probe, rosterSheet } from "../src/admin/call";

const genuine = globalThis.fetch;
afterEach(() => {
  globalThis.fetch = genuine;
});

/** The service answers so; each request is noted. */
function answering(status: number, type: string, body: string): Request[] {
  const asked: Request[] = [];
  globalThis.fetch = async (path, init) => {
    asked.push(new Request(`http://wall.example${path}`, init));
    return new Response(body, { status, headers: { "content-type": type } });
  };
  return asked;
}

test("a refusal is told with the service's sentence and each of its mistakes", async () => {
  const faults = [{ line: 3, key: "number", message: "is taken", remedy: "use another" }];
  const problem = { title: "Unprocessable Content", detail: "1 mistakes.", faults };
  answering(422, "application/problem+json", JSON.stringify(problem));
  const answer = await entries("camera");
  assert.ok(!answer.ok);
  assert.deepEqual([answer.status, answer.why], [422, "1 mistakes."]);
  assert.deepEqual(mistakesOf(answer), faults);
});

test("an answer that cannot be read, or none, is no answer", async () => {
  answering(200, "application/json", "<html>");
  const unreadable = await entries("camera");
  globalThis.fetch = () => Promise.reject(new TypeError("no network"));
  for (const answer of [unreadable, await entries("camera")])
    assert.deepEqual(answer, { ok: false, why: "", status: 0, problem: null });
});

test("a sheet comes and goes as text", async () => {
  const sheet = "date,from,until,position,people\n";
  answering(200, "text/csv; charset=utf-8", sheet);
  assert.deepEqual(await rosterSheet(), { ok: true, value: sheet });
  const asked = answering(200, "application/json", '{"added":[],"removed":[],"unchanged":2}');
  const answer = await importRoster(sheet);
  assert.deepEqual(answer.ok && answer.value.unchanged, 2);
  await importRoster(sheet, "a1");
  const [request, taken] = asked;
  assert.equal(new URL(request?.url ?? "").search, "?dry_run=true");
  assert.equal(new URL(taken?.url ?? "").search, "?version=a1");
  assert.equal(request?.headers.get("content-type"), "text/csv");
  assert.equal(await request?.text(), sheet);
});

test("a password that was not typed is not sent", async () => {
  const asked = answering(200, "application/json", '{"works":true,"width":640,"height":360}');
  const answer = await probe("gate", { fields: {}, stream: "sub" });
  assert.ok(answer.ok && answer.value.works);
  assert.equal(answer.value.size, "640 × 360");
  assert.deepEqual(await asked[0]?.json(), { fields: {}, stream: "sub" });
});
