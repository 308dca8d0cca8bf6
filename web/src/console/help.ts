//! The overlay of keys that `?` opens: what the page and each of its parts listen to.

import { element, fill } from "../dom";
import type { Words } from "../i18n";
import type { KeyHelp } from "./context";

export class Help {
  private readonly dialog: HTMLDialogElement;
  private readonly body = element("div", { class: "keys" });
  private readonly parts = new Map<string, readonly KeyHelp[]>();

  constructor(words: Words) {
    const close = element("button", { type: "button" }, `${words.say("large.close")} · Esc`);
    const title = element("h2", { id: "help-title" }, words.say("console.keys"));
    const head = element("div", { class: "help-head" }, title, close);
    this.dialog = element("dialog", { class: "help", "aria-labelledby": "help-title" });
    this.dialog.append(head, this.body);
    close.addEventListener("click", () => this.dialog.close());
    this.dialog.addEventListener("keydown", (event) => {
      // The page's own keys mean nothing while this is open; the browser closes it at Escape.
      event.stopPropagation();
      if (event.key !== "?" && event.key !== "F1") return;
      event.preventDefault();
      this.dialog.close();
    });
    document.body.append(this.dialog);
  }

  /** A part's keys; told again they are replaced. */
  tell(title: string, keys: readonly KeyHelp[]): void {
    this.parts.set(title, keys);
    const sections = [...this.parts].map(([heading, lines]) => {
      const rows = lines.flatMap((line) => {
        const keys = line.keys.map((key) => element("kbd", {}, key));
        return [element("dt", {}, ...keys), element("dd", {}, line.does)];
      });
      return element("section", {}, element("h3", {}, heading), element("dl", {}, ...rows));
    });
    fill(this.body, sections);
  }

  open(): void {
    if (!this.dialog.open) this.dialog.showModal();
  }
}
