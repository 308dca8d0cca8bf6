//! The parts of `wall.html` by name.

import type { Speech } from "./speech";

/** The element with this id, which `wall.html` has. */
export function part<T extends HTMLElement>(id: string, type: new () => T): T {
  const element = document.getElementById(id);
  if (!(element instanceof type)) throw new Error(`wall.html has no ${type.name} #${id}`);
  return element;
}

/** Writes what the service said, marked as English where it stays so. */
export function tell<E extends HTMLElement>(into: E, text: string, words: Teller): E {
  const said = words.said(text);
  const language = said === text ? "en" : words.language;
  write(into, said);
  if (into.lang !== language) into.lang = language;
  return into;
}

type Teller = Pick<Speech<never>, "said" | "language">;

/** Writes text only where it changed: a DOM that stays as it is costs nothing. */
export function write(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}
