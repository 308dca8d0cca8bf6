//! The command line: what was typed, as something to do. Numbers are those that people call cameras
//! by; whether there is such a camera others know.

import { isLayout, type Layout } from "./layout";

/** What has a name or a text after its letter. `fill` names a screen, `keep` a preset to be. */
type Named = "save" | "recall" | "preset" | "keep" | "fill" | "note" | "bookmark";

const NAMED: Readonly<Record<string, Named>> = {
  s: "save",
  c: "recall",
  p: "preset",
  k: "keep",
  f: "fill",
  n: "note",
  b: "bookmark",
};

export type Order =
  | { readonly do: "nothing" }
  | { readonly do: "call"; readonly number: number }
  /** To the wall; `number` `null`: the chosen camera. `cell` counts from 1. */
  | {
      readonly do: "push";
      readonly number: number | null;
      readonly screen: string | null;
      readonly cell: number | null;
    }
  | { readonly do: "layout"; readonly layout: Layout }
  /** No numbers: the cameras that the search has found. */
  | { readonly do: "tour"; readonly numbers: readonly number[]; readonly dwellS: number | null }
  /** To a colleague's console; `number` `null`: the chosen camera. */
  | { readonly do: "hand"; readonly number: number | null; readonly to: string }
  | { readonly do: Named; readonly text: string }
  | { readonly do: "snapshot" | "help" | "reset" }
  | { readonly do: "find"; readonly text: string };

const NUMBER_MAX = 4_294_967_295;

export function readOrder(typed: string): Order {
  const text = typed.trim();
  if (text === "") return { do: "nothing" };
  if (/^\d+$/.test(text)) {
    const number = numberOf(text);
    return number === null ? { do: "find", text } : { do: "call", number };
  }
  if (isLayout(text)) return { do: "layout", layout: text };
  if (text === "?") return { do: "help" };
  const push = /^w\s*(\d*)(?:\s+([a-z][a-z0-9-]{0,63}))?(?:\s+(\d{1,3}))?$/i.exec(text);
  if (push !== null) return pushed(push);
  const hand = /^g\s*(\d*)(?:\s+(.*))?$/i.exec(text);
  if (hand !== null) {
    const [, number = "", to = ""] = hand;
    return { do: "hand", number: number === "" ? null : numberOf(number), to: to.trim() };
  }
  const [word = "", rest = ""] = split(text);
  const letter = word.toLowerCase();
  const named = NAMED[letter];
  if (named !== undefined && rest !== "") return { do: named, text: rest };
  if (letter === "t") return tour(rest) ?? { do: "find", text };
  if (rest === "" && letter === "x") return { do: "snapshot" };
  if (rest === "" && letter === "r") return { do: "reset" };
  return { do: "find", text };
}

function pushed([, number = "", screen, cell]: RegExpExecArray): Order {
  const place = cell === undefined ? null : Number(cell);
  return {
    do: "push",
    number: number === "" ? null : numberOf(number),
    screen: screen ?? null,
    cell: place,
  };
}

/** `101 102 103 12s`. */
function tour(rest: string): Order | null {
  const parts = rest.split(/[\s,]+/).filter((part) => part !== "");
  const dwell = /^(\d{1,4})s$/i.exec(parts.at(-1) ?? "");
  const cameras = dwell === null ? parts : parts.slice(0, -1);
  const numbers = cameras.flatMap((part) => (/^\d+$/.test(part) ? (numberOf(part) ?? []) : []));
  if (numbers.length !== cameras.length) return null;
  return { do: "tour", numbers, dwellS: dwell === null ? null : Number(dwell[1]) };
}

function split(text: string): readonly string[] {
  const space = text.search(/\s/);
  return space < 0 ? [text, ""] : [text.slice(0, space), text.slice(space).trim()];
}

function numberOf(digits: string): number | null {
  const number = Number(digits);
  return number > 0 && number <= NUMBER_MAX ? number : null;
}
