//! Elements with text inside, never markup: what a camera or a person wrote stays text.

export type Child = Node | string;
export type Attributes = Readonly<Record<string, string | number | boolean>>;

/** An element; an attribute that is `false` is left out. */
export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== false) made.setAttribute(name, value === true ? "" : String(value));
  }
  made.append(...children);
  return made;
}

/** Hides or shows; a DOM that stays as it is costs nothing. */
export function hide(one: HTMLElement, hidden: boolean): void {
  if (one.hidden !== hidden) one.hidden = hidden;
}

/** Makes a list's children these, and touches nothing if they are the same already. */
export function fill(parent: Element, children: readonly Node[]): void {
  const same =
    parent.childNodes.length === children.length &&
    children.every((child, at) => parent.childNodes[at] === child);
  if (!same) parent.replaceChildren(...children);
}

/** Makes a list's children these, moving as few as it can: one that stays where it is keeps its focus. */
export function arrange(parent: Element, children: readonly Node[]): void {
  for (const [at, child] of children.entries()) {
    const here = parent.childNodes[at] ?? null;
    if (here === child) continue;
    // One that went: what follows it moves up by itself.
    if (here !== null && parent.childNodes[at + 1] === child) here.remove();
    else parent.insertBefore(child, here);
  }
  while (parent.childNodes.length > children.length) parent.lastChild?.remove();
}
