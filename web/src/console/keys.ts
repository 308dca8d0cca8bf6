//! Which key does what, and where it does so. While somebody types into a field only function keys
//! and Escape mean anything to the page.

export type Action =
  | "help"
  | "to-cameras"
  | "to-grid"
  | "to-alerts"
  | "to-wall"
  | "to-line"
  | "page-wall"
  | "page-health"
  | "page-alerts"
  | "page-figures"
  | "back"
  | "search"
  | "left"
  | "right"
  | "up"
  | "down"
  | "large"
  | "clear"
  | "motion"
  | "layout"
  | "snapshot"
  | "note"
  | "bookmark"
  | "push"
  | "hand"
  | "take"
  | "tour"
  | "save"
  | "home"
  | { readonly salvo: number }
  | { readonly type: string };

/** What of a keyboard event counts. */
export interface Pressed {
  readonly key: string;
  /** Where the key is, whatever the keyboard's language makes of it. */
  readonly code: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
  readonly shiftKey: boolean;
}

/** `typing`: a field has the keyboard. `list`: a part with keys of its own, as alerts and trees. */
export type Where = "grid" | "list" | "typing";

const ALWAYS: Readonly<Record<string, Action>> = {
  F1: "help",
  F2: "to-cameras",
  F3: "to-grid",
  F4: "to-alerts",
  F6: "to-wall",
  F7: "page-wall",
  F8: "page-health",
  F9: "page-alerts",
  F10: "page-figures",
};

const GRID: Readonly<Record<string, Action>> = {
  ArrowLeft: "left",
  ArrowRight: "right",
  ArrowUp: "up",
  ArrowDown: "down",
  Enter: "large",
  Delete: "clear",
  Backspace: "clear",
  m: "motion",
  l: "layout",
  x: "snapshot",
  n: "note",
  b: "bookmark",
  t: "tour",
  s: "save",
  "/": "search",
  "?": "help",
};

/** In parts that have letters of their own, only these are the page's. */
const LIST: Readonly<Record<string, Action>> = { "?": "help" };

export function actionOf(event: Pressed, where: Where): Action | null {
  const { key, code } = event;
  if (event.ctrlKey || event.metaKey || event.altKey) return null;
  const always = ALWAYS[key];
  if (always !== undefined) return always;
  if (key === "Escape") return "back";
  if (where === "typing") return null;
  // `!` or `1`, as the keyboard's language has it: the key above the letters is meant.
  const digit = /^(?:Digit|Numpad)(\d)$/.exec(code)?.[1];
  if (digit !== undefined && event.shiftKey) return digit === "0" ? null : { salvo: Number(digit) };
  if (/^\d$/.test(key)) return { type: key };
  if (key === "w") return "push";
  if (key === "g") return "hand";
  if (key === "y") return "take";
  return (where === "grid" ? GRID : LIST)[key] ?? null;
}
