//! The keys of the alert list. Pure: what a key means, and what the overlay says of it.

import type { Act } from "../../alert/acts";
import type { Key } from "../../i18n";

export type Command =
  | { readonly do: "move"; readonly by: number }
  | { readonly do: "first" | "last" | "page-down" | "page-up" }
  | { readonly do: "open" | "fold" | "unfold" | "search" | "back" | "tab" }
  | { readonly do: "act"; readonly act: Act };

/** What was pressed; a `KeyboardEvent` is one. */
export interface Pressed {
  readonly key: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
  readonly shiftKey: boolean;
}

const COMMANDS: Readonly<Record<string, Command>> = {
  j: { do: "move", by: 1 },
  ArrowDown: { do: "move", by: 1 },
  k: { do: "move", by: -1 },
  ArrowUp: { do: "move", by: -1 },
  Home: { do: "first" },
  End: { do: "last" },
  PageDown: { do: "page-down" },
  PageUp: { do: "page-up" },
  Enter: { do: "open" },
  ArrowRight: { do: "unfold" },
  ArrowLeft: { do: "fold" },
  "/": { do: "search" },
  Escape: { do: "back" },
  t: { do: "tab" },
  a: { do: "act", act: "acknowledge" },
  s: { do: "act", act: "assign" },
  c: { do: "act", act: "comment" },
  r: { do: "act", act: "resolve" },
  h: { do: "act", act: "shelve" },
  u: { do: "act", act: "unshelve" },
  p: { do: "act", act: "pass" },
  e: { do: "act", act: "help" },
};

/** The key of each act. */
export const ACT_KEYS: Readonly<Partial<Record<Act, string>>> = Object.fromEntries(
  Object.entries(COMMANDS).flatMap(([key, command]) =>
    command.do === "act" ? [[command.act, key]] : [],
  ),
);

/** The command of a key; `null` for one that is somebody else's. */
export function commandOf({ key, ctrlKey, metaKey, altKey, shiftKey }: Pressed): Command | null {
  if (ctrlKey || metaKey || altKey) return null;
  // With Caps Lock on, letters are the same keys.
  const plain = key.length === 1 && !shiftKey ? key.toLowerCase() : key;
  return COMMANDS[plain] ?? null;
}

/** What the overlay lists, in its order. */
export const HELP: readonly (readonly [keys: readonly string[], does: Key])[] = [
  [["j", "↓"], "handling.key-next"],
  [["k", "↑"], "handling.key-before"],
  [["→", "←"], "handling.key-fold"],
  [["Enter"], "handling.key-open"],
  [["a"], "act.acknowledge"],
  [["s"], "act.assign"],
  [["c"], "act.comment"],
  [["r"], "act.resolve"],
  [["h"], "act.shelve"],
  [["u"], "act.unshelve"],
  [["p"], "act.pass"],
  [["e"], "act.help"],
  [["1", "2", "3"], "handling.key-choice"],
  [["Ctrl+Enter"], "handling.key-send"],
  [["/"], "handling.key-search"],
  [["t"], "handling.key-tab"],
  [["Esc"], "handling.key-back"],
];
