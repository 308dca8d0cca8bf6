//! What a try or a change of the configuration comes to, in lines.

import type { Answer, Failure } from "../api";
import type { Words } from "../i18n";
import { type Mistake, mistakesOf, type Outcome } from "./call";

export function outcomeLines(
  answer: Answer<Outcome>,
  words: Words,
  dryRun: boolean,
): readonly string[] {
  if (!answer.ok) return refusalLines(answer, words);
  const { added, removed, changed, needsRestart, warnings } = answer.value;
  const part = (key: "admin.added" | "admin.removed" | "admin.changed", ids: readonly string[]) =>
    ids.length === 0 ? [] : [words.say(key, { ids: ids.join(", ") })];
  return [
    words.say(dryRun ? "admin.sound" : "admin.done"),
    ...part("admin.added", added),
    ...part("admin.removed", removed),
    ...part("admin.changed", changed),
    ...(needsRestart.length === 0
      ? []
      : [words.say("admin.restart", { keys: needsRestart.join(", ") })]),
    ...mistakeLines(warnings, words),
  ];
}

export function refusalLines(refused: Failure, words: Words): readonly string[] {
  const why = words.said(refused.why) || words.say("sign-in.unreachable");
  return [why, ...mistakeLines(mistakesOf(refused), words)];
}

/** Each with the line that it is in, where it is in one. */
export function mistakeLines(mistakes: readonly Mistake[], words: Words): readonly string[] {
  return mistakes.map(({ line, key, message, remedy }) => {
    const where = [line > 0 ? words.say("admin.line", { line }) : "", key].filter(
      (part) => part !== "",
    );
    return `${where.join(", ")}: ${words.said(message)} — ${words.said(remedy)}`;
  });
}
