//! A list that can be searched, with room for one of its entries beside it.

import { element, fill } from "../dom";
import { finds, searchable } from "../fold";
import type { Words } from "../i18n";
import { write } from "../page";

/** One line of the list. */
export interface Line {
  readonly title: string;
  readonly small: string;
  /** What the search looks through besides. */
  readonly more?: string;
  open(): void;
}

export class Directory {
  readonly beside = element("section", { class: "beside" });
  private readonly list = element("ul", { class: "entries" });
  private readonly count = element("p", { class: "none", role: "status" });
  private readonly find: HTMLInputElement;
  private lines: readonly Line[] = [];

  /** `actions` are what can be done besides: a word and the deed, the first of them the main one. */
  constructor(
    private readonly words: Words,
    main: HTMLElement,
    actions: readonly (readonly [string, () => void])[],
  ) {
    const label = words.say("admin.find");
    this.find = element("input", { type: "search", "aria-label": label, placeholder: label });
    this.find.addEventListener("input", () => this.draw());
    const buttons = actions.map(([word, act], at) => button(word, act, at === 0 ? "main" : ""));
    const tools = element("div", { class: "tools" }, this.find, ...buttons);
    main.className = "admin-list";
    const all = element("section", { class: "all" }, tools, this.count, this.list);
    fill(main, [all, this.beside]);
  }

  show(lines: readonly Line[]): void {
    this.lines = lines;
    this.draw();
  }

  /** Why there is no list. */
  fail(why: string): void {
    write(this.count, this.words.said(why) || this.words.say("sign-in.unreachable"));
  }

  /** Shows something beside the list, and puts the keyboard into its first field. */
  open(...nodes: readonly Node[]): void {
    fill(this.beside, nodes);
    this.beside.querySelector<HTMLElement>("input, select, textarea, button")?.focus();
  }

  private draw(): void {
    const { find, lines, words } = this;
    const shown = lines.filter(({ title, small, more }) =>
      finds(find.value, searchable(`${title} ${small} ${more ?? ""}`)),
    );
    write(this.count, words.say("admin.count", { n: shown.length, of: lines.length }));
    fill(
      this.list,
      shown.map(({ title, small, open }) => {
        const line = button("", open);
        line.append(element("span", {}, title), element("small", {}, small));
        return element("li", {}, line);
      }),
    );
  }
}

export function button(word: string, act: () => void, kind = ""): HTMLButtonElement {
  const made = element("button", { type: "button", ...(kind === "" ? {} : { class: kind }) }, word);
  made.addEventListener("click", act);
  return made;
}

/** A button that asks once more before it does what cannot be undone. */
export function sureButton(word: string, sure: string, act: () => void): HTMLButtonElement {
  let asked = false;
  const made = button(word, () => {
    if (asked) act();
    asked = !asked;
    write(made, asked ? sure : word);
  });
  return made;
}

/** A control with its name above it. */
export function labelled(name: string, control: HTMLElement, hint = ""): HTMLElement {
  const small = hint === "" ? [] : [element("small", {}, hint)];
  return element("label", {}, element("span", {}, name), control, ...small);
}

/** Where it is said what came of something. */
export function report(): HTMLElement {
  return element("ul", { class: "told", role: "status" });
}
