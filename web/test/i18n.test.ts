import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import test from "node:test";
import { chooseTheme } from "../src/draw/theme";
import { CATALOGUES, chooseLanguage, Words } from "../src/i18n";
import { RUNGS, SEVERITIES } from "../src/wire/health";
import { SIGHTS } from "../src/wire/past";
import { signIn as signInEn } from "../src/words/sign-in/en";
import { signIn as signInVi } from "../src/words/sign-in/vi";

test("both catalogues have the same keys, no empty words and the same places to fill in", () => {
  const places = (text: string) => [...text.matchAll(/\{\w+\}/g)].map(String).sort();
  const pairs: readonly (readonly [Record<string, string>, Record<string, string>])[] = [
    [CATALOGUES.vi, CATALOGUES.en],
    // The sign-in page has words of its own alone.
    [signInVi, signInEn],
  ];
  for (const [vi, en] of pairs) {
    assert.deepEqual(Object.keys(vi).sort(), Object.keys(en).sort());
    for (const [key, text] of Object.entries(vi)) {
      const other = en[key] ?? "";
      assert.ok(text.trim() !== "" && other.trim() !== "", key);
      assert.deepEqual(places(text), places(other), key);
    }
  }
});

test("every condition and state of the protocol has words", () => {
  const states = [
    "connecting",
    "waiting-keyframe",
    "waiting-parameters",
    "online",
    "stalled",
    "offline",
    "suspect",
    "maintenance",
  ];
  const conditions = [
    "unreachable",
    "refused",
    "credentials-rejected",
    "session-limit",
    "unsupported",
  ];
  conditions.push(
    "abusive",
    "redirect",
    "protocol",
    "stalled",
    "keyframe-overdue",
    "decode-errors",
  );
  conditions.push("quarantined", "unstable", "packet-loss", "frozen", "looped", "black");
  conditions.push("overexposed", "defocused", "covered", "moved", "clock-skew");
  conditions.push("low-frame-rate", "stream-changed");
  for (const state of states) assert.ok(`state.${state}` in CATALOGUES.vi, state);
  for (const condition of conditions) {
    assert.ok(`condition.${condition}` in CATALOGUES.vi, condition);
    const steps = new Words("vi").advice(condition);
    assert.ok(steps.length >= 2, `what to try about ${condition}`);
    assert.equal(new Words("en").advice(condition).length, steps.length, condition);
  }
  assert.deepEqual(new Words("en").advice("a-new-word"), []);
  for (const rung of RUNGS) assert.ok(`rung.${rung}` in CATALOGUES.vi, rung);
  for (const sight of SIGHTS) assert.ok(`sight.${sight}-why` in CATALOGUES.vi, sight);
  for (const severity of SEVERITIES) assert.ok(`severity.${severity}` in CATALOGUES.vi, severity);
});

test("the address decides the language, then the browser, then Vietnamese", () => {
  assert.equal(chooseLanguage("en", ["vi"]), "en");
  assert.equal(chooseLanguage(null, ["fr", "en-GB"]), "en");
  assert.equal(chooseLanguage("xx", ["vi-VN"]), "vi");
  assert.equal(chooseLanguage(null, ["fr"]), "vi");
});

test("each close code of the protocol has its words, and others have none", () => {
  for (const language of ["vi", "en"] as const) {
    const words = new Words(language);
    for (const code of [4001, 4003, 4008, 4013]) assert.notEqual(words.closed(code), "");
    for (const code of [null, 1006, 4999]) assert.equal(words.closed(code), "");
  }
});

test("a screen is dark unless somebody asked for light", () => {
  assert.equal(chooseTheme(null, true).name, "dark");
  assert.equal(chooseTheme("light", false).name, "light");
  assert.equal(chooseTheme("auto", true).name, "light");
});

test("ages and times read as people say them", () => {
  const words = new Words("vi");
  assert.equal(words.shortAge(14_900), "14 s");
  assert.equal(words.shortAge(99_900), "99 s");
  assert.equal(words.shortAge(100_000), "1 ph");
  assert.equal(words.age(7_200_000), "2 giờ");
  assert.equal(words.age(3 * 86_400_000), "3 ngày");
  assert.equal(words.interval(2040), "2 s");
  assert.equal(words.interval(30_100), "30 s");
  assert.equal(words.timeOfDay(Date.UTC(2026, 0, 1, 17, 5, 9)), "00:05:09");
  assert.equal(words.say("wall.unknown", { id: "x" }), "Không có tường tên “x”.");
});

/** Everything below `src`, with what it holds. */
function sources(folder: string): readonly (readonly [string, string])[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((one) => {
    const path = `${folder}/${one.name}`;
    if (one.isDirectory()) return sources(path);
    return path.endsWith(".ts") ? [[path, readFileSync(path, "utf8")] as const] : [];
  });
}

test("no page has Vietnamese of its own: all of it is in the catalogues", () => {
  const marked = /[ăâđêôơưĂÂĐÊÔƠƯ]|[\u1ea0-\u1ef9]/;
  // `fold` knows the one letter that Unicode does not take apart.
  const own = sources("src").filter(
    ([path]) => !path.startsWith("src/words/") && path !== "src/fold.ts",
  );
  assert.ok(own.length > 100);
  for (const [path, text] of own) {
    const code = text
      .replaceAll(/\/\*[\s\S]*?\*\//g, "")
      .replaceAll(/^\s*\/\/.*$|\s\/\/\s.*$/gm, "");
    // A language is called by its own name.
    const line = code
      .replaceAll('"Tiếng Việt"', "")
      .split("\n")
      .find((one) => marked.test(one));
    assert.equal(line, undefined, path);
  }
});
