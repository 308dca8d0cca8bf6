//! Trying the camera that stands in a form, and saying what came of it.

import type { Answer } from "../api";
import type { Words } from "../i18n";
import { type Found, probe } from "./call";
import { button } from "./directory";
import { told } from "./form";
import type { Filled } from "./list";
import { refusalLines } from "./outcome";

/** A button for each of its two streams. `read` is what stands in the form, if it can be sent. */
export function probeButtons(
  words: Words,
  lines: HTMLElement,
  read: () => Filled | undefined,
): readonly HTMLButtonElement[] {
  const tries = (["sub", "main"] as const).map((stream) =>
    button(words.say(`probe.${stream}`), async () => {
      const filled = read();
      if (filled === undefined) return;
      const { id, ...form } = filled;
      for (const one of tries) one.disabled = true;
      told([words.say("probe.trying")], lines, false);
      const answer = await probe(id, { ...form, stream });
      for (const one of tries) one.disabled = false;
      told(verdict(answer, words), lines, !answer.ok || !answer.value.works);
    }),
  );
  return tries;
}

function verdict(answer: Answer<Found>, words: Words): readonly string[] {
  if (!answer.ok) return refusalLines(answer, words);
  const { works, condition, evidence, codec, size, keyframeS } = answer.value;
  const interval =
    keyframeS === null
      ? words.say("probe.one-keyframe")
      : words.say("probe.keyframes", { interval: words.interval(keyframeS * 1000) });
  const stream =
    codec === "" ? [] : [[codec, size, interval].filter((one) => one !== "").join(" · ")];
  if (works) return [words.say("probe.works"), ...stream];
  const why = words.say("probe.fails", { condition: words.condition(condition) });
  return [why, words.said(evidence), ...stream, ...words.advice(condition)];
}
