//! A sheet in CSV, from a file or typed: what it would change first, then taking it.

import { element } from "../dom";
import type { Words } from "../i18n";
import { button, labelled, report } from "./directory";
import { told } from "./form";

/** Tries a sheet or takes it, and says what came of it; whether it is sound. */
export type Take = (text: string, dryRun: boolean, lines: HTMLElement) => Promise<boolean>;

/** As many bytes as the service takes. */
const BYTES_MAX = 1 << 20;

export class SheetForm {
  readonly element = element("form", { class: "entry" });
  private readonly text = element("textarea", { rows: 14, spellcheck: "false", name: "sheet" });

  constructor(words: Words, why: string, take: Take) {
    const say = words.say.bind(words);
    const file = element("input", { type: "file", accept: ".csv,text/csv" });
    const lines = report();
    const apply = element("button", { type: "submit", class: "main" }, say("sheet.apply"));
    // Only what was tried is taken: whoever changes a letter tries again.
    const changed = (): void => {
      apply.disabled = true;
    };
    changed();
    this.text.addEventListener("input", changed);
    file.addEventListener("change", async () => {
      const chosen = file.files?.[0];
      if (chosen === undefined) return;
      changed();
      if (chosen.size > BYTES_MAX) return told([say("sheet.large")], lines, true);
      this.text.value = await chosen.text();
    });
    const check = button(say("admin.check"), async () => {
      const text = this.text.value;
      const sound = await take(text, true, lines);
      apply.disabled = !sound || text !== this.text.value;
    });
    this.element.addEventListener("submit", async (event) => {
      event.preventDefault();
      changed();
      await take(this.text.value, false, lines);
    });
    this.element.append(
      element("p", {}, why),
      labelled(say("sheet.file"), file),
      labelled(say("sheet.text"), this.text),
      element("div", { class: "buttons" }, check, apply),
      lines,
    );
  }

  set value(text: string) {
    this.text.value = text;
  }
}
