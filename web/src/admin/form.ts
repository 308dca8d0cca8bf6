//! One entry as a form: check first, then save; what the service finds wrong stands beside it.

import { element, fill } from "../dom";
import type { Words } from "../i18n";
import type { Entries } from "./call";
import { type Fields, meant, patch, shown, typed, type Value } from "./patch";
import { BY_PLACE, FIELDS, type Field, HIDDEN, type Section } from "./schema";

type Control = HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement;

/** Ids of the entries of another list, to choose from. */
export type Choices = (section: Section) => readonly string[];

export class EntryForm {
  readonly element = element("form", { class: "entry" });
  private readonly known = new Map<string, { readonly field: Field; readonly control: Control }>();
  private readonly more = new Map<string, HTMLTextAreaElement>();
  private readonly others = element("div", { class: "others" });

  constructor(
    private readonly words: Words,
    private readonly section: Section,
    private readonly before: Fields,
    choices: Choices,
  ) {
    for (const field of FIELDS[section]) {
      const control = this.control(field, choices);
      this.known.set(field.key, { field, control });
      const label = words.known("admin.key", field.key);
      const needed = field.needed === true ? " *" : "";
      const name = element("span", {}, label + needed, " ", element("code", {}, field.key));
      const why = words.known("admin.why", field.key);
      const hint = why === field.key.replaceAll("-", " ") ? [] : [element("small", {}, why)];
      this.element.append(element("label", {}, name, control, ...hint));
    }
    for (const [key, value] of Object.entries(before)) {
      if (!this.known.has(key) && !HIDDEN.has(key)) this.other(key, value);
    }
    this.element.append(this.others, this.adder());
  }

  /** Where the entry is, or is to be. */
  id(entries: Entries): string {
    if (BY_PLACE.has(this.section)) {
      const at = entries.entries.indexOf(this.before);
      return String(at < 0 ? entries.entries.length + 1 : at + 1);
    }
    const { id } = this.before;
    return typeof id === "string" ? id : this.text("id");
  }

  get password(): string | undefined {
    const text = this.known.get("password")?.control.value ?? "";
    return text === "" ? undefined : text;
  }

  /** What differs from what is written; the keys that cannot be meant, if there are some. */
  read(): { readonly fields: Fields } | { readonly wrong: readonly string[] } {
    const after: Record<string, Value> = {};
    const wrong: string[] = [];
    for (const [key, { field, control }] of this.known) {
      if (field.kind.is === "password") continue;
      const value = meant(field.kind, control.value);
      if (value === undefined) wrong.push(key);
      else after[key] = value;
    }
    for (const [key, control] of this.more) after[key] = typed(control.value);
    return wrong.length > 0 ? { wrong } : { fields: patch(this.before, after) };
  }

  private text(key: string): string {
    return this.known.get(key)?.control.value.trim() ?? "";
  }

  private control({ key, kind, needed }: Field, choices: Choices): Control {
    const value = shown(kind, this.before[key]);
    const plain = { name: key, required: needed === true, spellcheck: "false" };
    switch (kind.is) {
      case "texts":
        return element("textarea", { ...plain, rows: 3 }, value);
      case "flag":
        return this.select(plain, ["true", "false"], value);
      case "choice":
        return this.select(plain, kind.of, value);
      case "one-of":
        return this.select(plain, choices(kind.section), value);
      case "password": {
        const placeholder = this.words.say("admin.password-kept");
        return element("input", {
          ...plain,
          type: "password",
          autocomplete: "new-password",
          placeholder,
        });
      }
      case "whole":
        return element("input", { ...plain, inputmode: "numeric", value });
      case "text":
        return element("input", { ...plain, value });
    }
  }

  private select(
    attributes: Readonly<Record<string, string | boolean>>,
    options: readonly string[],
    value: string,
  ): HTMLSelectElement {
    const all = value === "" || options.includes(value) ? options : [value, ...options];
    const select = element(
      "select",
      attributes,
      element("option", { value: "" }, "–"),
      ...all.map((one) => element("option", { value: one }, one)),
    );
    select.value = value;
    return select;
  }

  private other(key: string, value: Value): void {
    const control = element("textarea", { name: key, rows: 2, spellcheck: "false" });
    control.value = typeof value === "string" ? value : JSON.stringify(value);
    this.more.set(key, control);
    this.others.append(element("label", {}, element("code", {}, key), control));
  }

  /** A key that has no field of its own. */
  private adder(): HTMLElement {
    const say = this.words.say.bind(this.words);
    const name = element("input", {
      "aria-label": say("admin.other-key"),
      placeholder: say("admin.other-key"),
      pattern: "[a-z_]+",
    });
    const add = element("button", { type: "button" }, say("admin.add-key"));
    add.addEventListener("click", () => {
      const key = name.value.trim();
      if (!/^[a-z_]{1,40}$/.test(key) || this.known.has(key) || this.more.has(key)) return;
      name.value = "";
      this.other(key, "");
      this.more.get(key)?.focus();
    });
    return element("div", { class: "adder" }, name, add);
  }
}

/** What came of a try, in lines. */
export function told(lines: readonly string[], into: HTMLElement, wrong: boolean): void {
  into.classList.toggle("problem", wrong);
  fill(
    into,
    lines.map((line) => element("li", {}, line)),
  );
  // A camera's form is longer than a screen.
  into.scrollIntoView({ block: "nearest" });
}
