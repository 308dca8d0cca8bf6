import assert from "node:assert/strict";
import test from "node:test";
import { readSession } from "../src/sign-in/call";
import { signInPath, wayBack } from "../src/sign-in/way";

const HERE = "https://wall.example";

test("the way back is a page of this service, whatever the link says", () => {
  for (const next of ["/wall/main?screen=left", "/health/cam-001#now", "/"]) {
    assert.equal(wayBack(next, HERE), next);
  }
  const elsewhere = [
    null,
    "",
    "https://elsewhere.example/",
    "//elsewhere.example/",
    "/\\elsewhere.example/",
    "javascript:alert(1)",
    "/sign-in?next=/sign-in",
    "wall/main",
  ];
  for (const next of elsewhere) assert.equal(wayBack(next, HERE), "/", String(next));
});

test("the sign-in page speaks the language of the page that it leads back to", () => {
  const path = signInPath({ pathname: "/duty", search: "?lang=en&q=1", hash: "#a=7" });
  const query = new URL(path, HERE).searchParams;
  assert.equal(query.get("lang"), "en");
  assert.equal(wayBack(query.get("next"), HERE), "/duty?lang=en&q=1#a=7");
});

test("a session that says little is read as one that may do little", () => {
  const session = readSession({ user: 7, must_change: "yes" });
  assert.deepEqual(session, { user: "", role: "", person: null, mustChange: false });
  assert.equal(readSession({ user: "lan", role: "duty", must_change: true }).mustChange, true);
  assert.equal(readSession(null).user, "");
});
