//! The parts of `wall.html` by name.

/** The element with this id, which `wall.html` has. */
export function part<T extends HTMLElement>(id: string, type: new () => T): T {
  const element = document.getElementById(id);
  if (!(element instanceof type)) throw new Error(`wall.html has no ${type.name} #${id}`);
  return element;
}

/** Writes text only where it changed: a DOM that stays as it is costs nothing. */
export function write(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}
