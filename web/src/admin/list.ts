//! A list of the configuration file, and the entry that is open beside it.

import { element, fill } from "../dom";
import type { Words } from "../i18n";
import { write } from "../page";
import { type Entries, entries, importCameras, put, remove } from "./call";
import { button, Directory, report } from "./directory";
import { EntryForm, told } from "./form";
import { outcomeLines } from "./outcome";
import type { Fields } from "./patch";
import { probeButtons } from "./probe";
import type { Section } from "./schema";
import { SheetForm } from "./sheet";

const NONE: Entries = { version: "", entries: [] };

export class ListPage {
  private all: Entries = NONE;
  private readonly others = new Map<Section, readonly string[]>();
  private readonly directory: Directory;

  constructor(
    private readonly words: Words,
    main: HTMLElement,
    private readonly section: Section,
  ) {
    const sheet = [words.say("sheet.import"), () => this.openSheet()] as const;
    this.directory = new Directory(words, main, [
      [words.say("admin.add"), () => this.open({})],
      ...(section === "camera" ? [sheet] : []),
    ]);
    void this.load();
  }

  private async load(): Promise<void> {
    const answer = await entries(this.section);
    if (!answer.ok) return this.directory.fail(answer.why);
    this.all = answer.value;
    this.directory.show(
      this.all.entries.map((entry) => ({
        ...this.titleOf(entry),
        more: JSON.stringify(entry),
        open: () => this.open(entry),
      })),
    );
    for (const other of ["site", "position"] as const) {
      const some = await entries(other);
      if (some.ok)
        this.others.set(
          other,
          some.value.entries.map(({ id }) => String(id ?? "")),
        );
    }
  }

  private titleOf(entry: Fields): { readonly title: string; readonly small: string } {
    const { id, name, number, position, from, until, cameras, conditions } = entry;
    switch (this.section) {
      case "shift":
        return { title: String(position ?? ""), small: `${from} – ${until}` };
      case "health":
      case "order":
      case "picture":
        return { title: texts(cameras), small: texts(conditions) };
      default: {
        const parts = [number, name ?? id].filter((part) => part !== undefined);
        return { title: parts.join(" · "), small: String(id ?? "") };
      }
    }
  }

  private open(entry: Fields): void {
    const { words, section } = this;
    const say = words.say.bind(words);
    const fresh = Object.keys(entry).length === 0;
    const choices = (other: Section): readonly string[] => this.others.get(other) ?? [];
    const form = new EntryForm(words, section, entry, choices);
    const lines = report();
    const check = button(say("admin.check"), () => void this.send(form, lines, true));
    const save = element("button", { type: "submit", class: "main" }, say("admin.save"));
    form.element.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.send(form, lines, false);
    });
    let sure = false;
    const gone = button(say("admin.remove"), async () => {
      const answer = await remove(section, form.id(this.all), this.all.version, !sure);
      told(outcomeLines(answer, words, !sure), lines, !answer.ok);
      if (answer.ok && sure) return this.done(lines);
      sure = answer.ok;
      write(gone, say(sure ? "admin.remove-sure" : "admin.remove"));
    });
    const trying =
      section === "camera" ? probeButtons(words, lines, () => this.readForm(form, lines)) : [];
    form.element.append(
      element("div", { class: "buttons" }, check, save, ...trying, ...(fresh ? [] : [gone])),
      lines,
    );
    const title = fresh ? say("admin.new") : this.titleOf(entry).title;
    this.directory.open(element("h2", {}, title), form.element);
  }

  /** What is to be sent of a form; tells what in it makes no sense. */
  private readForm(form: EntryForm, lines: HTMLElement): Filled | undefined {
    const read = form.read();
    const id = form.id(this.all);
    const wrong = "wrong" in read ? read.wrong : id === "" ? ["id"] : [];
    if ("wrong" in read || wrong.length > 0) {
      const said = wrong.map((key) => this.words.say("admin.wrong", { key }));
      told(said, lines, true);
      return undefined;
    }
    const { password } = form;
    return { id, fields: read.fields, ...(password === undefined ? {} : { password }) };
  }

  private async send(form: EntryForm, lines: HTMLElement, dryRun: boolean): Promise<void> {
    const filled = this.readForm(form, lines);
    if (filled === undefined) return;
    const { id, ...change } = filled;
    const sent = { ...change, version: this.all.version };
    const answer = await put(this.section, id, sent, dryRun);
    told(outcomeLines(answer, this.words, dryRun), lines, !answer.ok);
    if (answer.ok && !dryRun) await this.done(lines);
  }

  private openSheet(): void {
    const { words } = this;
    // What was told must be what is done: both are of the text that is there now.
    const { version } = this.all;
    const sheet = new SheetForm(
      words,
      words.say("sheet.cameras-why"),
      async (text, dryRun, lines) => {
        const answer = await importCameras(text, version, dryRun);
        told(outcomeLines(answer, words, dryRun), lines, !answer.ok);
        if (answer.ok && !dryRun) await this.done(lines);
        return answer.ok;
      },
    );
    this.directory.open(element("h2", {}, words.say("sheet.cameras")), sheet.element);
  }

  /** The list anew; what came of it stays in sight. */
  private async done(lines: HTMLElement): Promise<void> {
    fill(this.directory.beside, [lines]);
    await this.load();
  }
}

/** A form that can be sent. */
export interface Filled {
  readonly id: string;
  readonly fields: Fields;
  readonly password?: string;
}

function texts(value: unknown): string {
  return Array.isArray(value) ? value.join(", ") : "";
}
