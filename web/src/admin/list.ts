//! A list of the configuration file, and the entry that is open beside it.

import { element, fill } from "../dom";
import { finds, searchable } from "../fold";
import type { Words } from "../i18n";
import { write } from "../page";
import { type Answer, type Entries, entries, type Outcome, put, remove } from "./call";
import { EntryForm, told } from "./form";
import type { Fields } from "./patch";
import type { Section } from "./schema";

const NONE: Entries = { version: "", entries: [] };

export class ListPage {
  private all: Entries = NONE;
  private readonly others = new Map<Section, readonly string[]>();
  private readonly find: HTMLInputElement;
  private readonly list = element("ul", { class: "entries" });
  private readonly beside = element("section", { class: "beside" });
  private readonly count = element("p", { class: "none", role: "status" });
  private form: EntryForm | null = null;

  constructor(
    private readonly words: Words,
    main: HTMLElement,
    private readonly section: Section,
  ) {
    const say = words.say.bind(words);
    const label = say("admin.find");
    this.find = element("input", { type: "search", "aria-label": label, placeholder: label });
    this.find.addEventListener("input", () => this.draw());
    const add = element("button", { type: "button", class: "main" }, say("admin.add"));
    add.addEventListener("click", () => this.open({}));
    main.className = "admin-list";
    fill(main, [
      element(
        "section",
        { class: "all" },
        element("div", { class: "tools" }, this.find, add),
        this.count,
        this.list,
      ),
      this.beside,
    ]);
    void this.load();
  }

  private async load(): Promise<void> {
    const answer = await entries(this.section);
    if (!answer.ok) {
      write(this.count, answer.why || this.words.say("sign-in.unreachable"));
      return;
    }
    this.all = answer.value;
    this.draw();
    for (const other of ["site", "position"] as const) {
      const some = await entries(other);
      if (some.ok)
        this.others.set(
          other,
          some.value.entries.map(({ id }) => String(id ?? "")),
        );
    }
  }

  private draw(): void {
    const shown = this.all.entries.filter((entry) =>
      finds(this.find.value, searchable(JSON.stringify(entry))),
    );
    write(
      this.count,
      this.words.say("admin.count", { n: shown.length, of: this.all.entries.length }),
    );
    fill(
      this.list,
      shown.map((entry) => {
        const button = element("button", { type: "button" }, ...this.titleOf(entry));
        button.addEventListener("click", () => this.open(entry));
        return element("li", {}, button);
      }),
    );
  }

  private titleOf(entry: Fields): readonly Node[] {
    const { id, name, number, position, from, until } = entry;
    const title = [number, name ?? id ?? position].filter((part) => part !== undefined).join(" · ");
    const small = this.section === "shift" ? `${from} – ${until}` : String(id ?? "");
    return [element("span", {}, title), element("small", {}, small)];
  }

  private open(entry: Fields): void {
    const { words } = this;
    const say = words.say.bind(words);
    const fresh = Object.keys(entry).length === 0;
    const form = new EntryForm(
      words,
      this.section,
      entry,
      (section) => this.others.get(section) ?? [],
    );
    this.form = form;
    const lines = element("ul", { class: "told", role: "status" });
    const check = element("button", { type: "button" }, say("admin.check"));
    const save = element("button", { type: "submit", class: "main" }, say("admin.save"));
    const gone = element("button", { type: "button" }, say("admin.remove"));
    check.addEventListener("click", () => void this.send(form, lines, true));
    form.element.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.send(form, lines, false);
    });
    let sure = false;
    gone.addEventListener("click", async () => {
      const id = form.id(this.all);
      const answer = await remove(this.section, id, this.all.version, !sure);
      this.tell(answer, lines, !sure);
      if (answer.ok && sure) return this.done();
      sure = answer.ok;
      write(gone, say(sure ? "admin.remove-sure" : "admin.remove"));
    });
    form.element.append(
      element("div", { class: "buttons" }, check, save, ...(fresh ? [] : [gone])),
      lines,
    );
    const title = fresh ? say("admin.new") : String(entry.name ?? entry.id ?? entry.position);
    fill(this.beside, [element("h2", {}, title), form.element]);
    form.element.querySelector<HTMLElement>("input, select, textarea")?.focus();
  }

  private async send(form: EntryForm, lines: HTMLElement, dryRun: boolean): Promise<void> {
    const read = form.read();
    if ("wrong" in read) {
      told(
        read.wrong.map((key) => this.words.say("admin.wrong", { key })),
        lines,
        true,
      );
      return;
    }
    const id = form.id(this.all);
    if (id === "") {
      told([this.words.say("admin.wrong", { key: "id" })], lines, true);
      return;
    }
    const { password } = form;
    const change = { fields: read.fields, version: this.all.version };
    const sent = password === undefined ? change : { ...change, password };
    const answer = await put(this.section, id, sent, dryRun);
    this.tell(answer, lines, dryRun);
    if (answer.ok && !dryRun) await this.done();
  }

  private tell(answer: Answer<Outcome>, lines: HTMLElement, dryRun: boolean): void {
    told(outcomeLines(answer, this.words, dryRun), lines, !answer.ok);
  }

  /** The list anew; what came of it stays in sight. */
  private async done(): Promise<void> {
    const lines = this.form?.element.querySelector(".told");
    fill(this.beside, lines === null || lines === undefined ? [] : [lines]);
    this.form = null;
    await this.load();
  }
}

/** What a try or a change comes to, in lines. */
export function outcomeLines(
  answer: Answer<Outcome>,
  words: Words,
  dryRun: boolean,
): readonly string[] {
  if (!answer.ok) {
    const why = answer.why || words.say("sign-in.unreachable");
    const mistakes = answer.mistakes.map(
      ({ key, message, remedy }) => `${key}: ${message} — ${remedy}`,
    );
    return [why, ...mistakes];
  }
  const { added, removed, changed, needsRestart, warnings } = answer.value;
  const part = (key: "admin.added" | "admin.removed" | "admin.changed", ids: readonly string[]) =>
    ids.length === 0 ? [] : [words.say(key, { ids: ids.join(", ") })];
  return [
    words.say(dryRun ? "admin.sound" : "admin.done"),
    ...part("admin.added", added),
    ...part("admin.removed", removed),
    ...part("admin.changed", changed),
    ...(needsRestart.length === 0
      ? []
      : [words.say("admin.restart", { keys: needsRestart.join(", ") })]),
    ...warnings.map(({ key, message, remedy }) => `${key}: ${message} — ${remedy}`),
  ];
}
