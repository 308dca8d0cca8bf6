//! A change of a wall as a sentence.

import type { Key, Words } from "../i18n";
import { type Json, object, readText, readU32 } from "../wire/json";
import type { Change } from "./past";

/** Who knows what people call things. */
export interface Called {
  camera(id: string): string;
  person(id: string): string;
  screen(id: string): string;
  preset(id: string): string;
}

const SAID: Readonly<Record<string, Key>> = {
  started: "replay.started",
  configured: "replay.configured",
  alert: "replay.alert",
  returned: "replay.returned",
  marked: "replay.marked",
  over: "replay.over",
  step: "replay.step",
  timetable: "replay.timetable",
  show: "replay.show",
  clear: "replay.clear",
  pin: "replay.pin",
  unpin: "replay.unpin",
  swap: "replay.swap",
  layout: "replay.layout",
  fill: "replay.fill",
  tour: "replay.tour",
  preset: "replay.preset",
  keep: "replay.keep",
  reset: "replay.reset",
  block: "replay.block",
  unblock: "replay.unblock",
};

export function sentence({ what, by, detail }: Change, called: Called, words: Words): string {
  const key = SAID[what];
  const who = by === null ? "" : `${called.person(by)}: `;
  if (detail === null || key === undefined) {
    return who + (key === undefined ? what : words.say("replay.hidden"));
  }
  const text = (name: string): string => readText(detail[name]) ?? "";
  const preset = text("preset");
  return (
    who +
    words.say(key, {
      camera: called.camera(text("camera")),
      place: place(detail, called, words),
      from: place(object(detail.from) ?? {}, called, words),
      to: place(object(detail.to) ?? {}, called, words),
      screen: called.screen(text("screen")) || words.say("replay.the-wall"),
      layout: text("layout").replace("x", " × "),
      name: text("name") || (preset === "" ? words.say("replay.no-preset") : called.preset(preset)),
      n: Array.isArray(detail.cameras) ? detail.cameras.length : 0,
      reason: text("reason"),
    })
  );
}

/** Of a screen and a cell; where neither is named, of the wall. */
function place(of: Json, called: Called, words: Words): string {
  const cell = readU32(of.cell);
  const parts = [called.screen(readText(of.screen) ?? "")];
  if (cell !== undefined) parts.push(words.say("console.cell", { n: cell + 1 }));
  return parts.filter((part) => part !== "").join(", ") || words.say("replay.the-wall");
}
