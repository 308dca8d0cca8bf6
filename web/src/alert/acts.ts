//! What one can do about an alert: a button for each act, and a small form where words are needed.

import { element, fill, hide } from "../dom";
import { fromField, toField } from "../health/times";
import { write } from "../page";
import { type Alert, DISPOSITIONS } from "../wire/alert";
import type { Bench } from "./bench";
import type { AlertKey } from "./face";
import { needsPerson } from "./order";
import type { QueuedAct } from "./outbox";

const ACTS = ["acknowledge", "help", "pass", "comment", "resolve", "shelve", "unshelve", "assign"];
export type Act =
  | "acknowledge"
  | "help"
  | "pass"
  | "comment"
  | "resolve"
  | "shelve"
  | "unshelve"
  | "assign";
const HOUR_MS = 3_600_000;
/** Offered lengths, and the longest: a week on the shelf is no alert any more. */
const HOURS = [1, 4, 8] as const;
const SHELF_MAX_MS = 7 * 24 * HOUR_MS;
const TEXT_MAX = 500;

/** Which acts there are for an alert, the first one the most likely. */
export function actsFor(alert: Alert): readonly Act[] {
  if (alert.state === "normal") return ["comment"];
  const away = alert.state === "shelved";
  return (ACTS as readonly Act[]).filter((act) => {
    if (act === "acknowledge") return needsPerson(alert);
    if (act === "shelve") return !away;
    if (act === "unshelve") return away;
    return true;
  });
}

export class Acts {
  readonly element = element("section", { class: "acts" });
  private readonly buttons = element("div", { class: "act-buttons" });
  private readonly place = element("div", { class: "act-form" });
  private alert: Alert | null = null;
  private commentRequired = false;
  private drawn = "";

  constructor(
    private readonly bench: Bench,
    /** A form was closed, sent or not: the keyboard may go back to where it was. */
    private readonly closed: () => void = () => {},
    /** The key of each act, where there are keys. */
    private readonly keys: Readonly<Partial<Record<Act, string>>> = {},
  ) {
    this.element.append(this.buttons, this.place);
  }

  /** Somebody is writing something about the alert. */
  get writing(): boolean {
    return this.place.firstChild !== null;
  }

  show(alert: Alert, commentRequired: boolean): void {
    if (alert.id !== this.alert?.id) fill(this.place, []);
    this.alert = alert;
    this.commentRequired = commentRequired;
    const acts = this.possible(alert);
    const key = `${alert.id} ${acts}`;
    if (key === this.drawn) return;
    this.drawn = key;
    const made = acts.map((act) => {
      const text = this.bench.words.say(`act.${act}`);
      const main = act === "acknowledge";
      const button = element("button", { type: "button", "data-act": act, class: main && "main" });
      button.append(text, ...printed(this.keys[act]));
      button.addEventListener("click", () => this.begin(act));
      return button;
    });
    fill(this.buttons, made);
  }

  /** Does it, or asks for the words that it needs; says whether it can be done now. */
  begin(act: Act): boolean {
    const { alert } = this;
    if (alert === null || !this.possible(alert).includes(act)) return false;
    if (act === "acknowledge" || act === "unshelve") {
      fill(this.place, []);
      this.bench.sender.act(alert.id, act);
      return true;
    }
    const form = this.form(act, alert.id);
    fill(this.place, [form]);
    const choice = form.querySelector<HTMLElement>("[data-choice]");
    (choice ?? form.querySelector<HTMLElement>("textarea, select, input"))?.focus();
    form.scrollIntoView({ block: "nearest" });
    return true;
  }

  /** What can be done, without what is on its way already or has nobody to be done to. */
  private possible(alert: Alert): readonly Act[] {
    const waiting = this.bench.outbox.waiting.filter((one) => one.alert === alert.id);
    const people = this.bench.people().people.length > 0;
    return actsFor(alert).filter((act) => {
      if (act === "assign") return people;
      return act !== "acknowledge" || !waiting.some((one) => one.act === act);
    });
  }

  private close(): void {
    fill(this.place, []);
    this.closed();
  }

  private form(act: Exclude<Act, "acknowledge" | "unshelve">, id: string): HTMLFormElement {
    const { words } = this.bench;
    const problem = element("p", { class: "problem", role: "alert" });
    const form = element("form", { "data-form": act });
    const parts = PARTS[act](this.bench, this.commentRequired);
    const send = element("button", { type: "submit", class: "main" }, words.say(`act.${act}`));
    if (Object.keys(this.keys).length > 0) send.append(...printed("Ctrl+Enter"));
    const cancel = element("button", { type: "button" }, words.say("act.cancel"));
    cancel.addEventListener("click", () => this.close());
    form.addEventListener("keydown", (event) => this.key(event, form));
    form.append(...parts.elements, problem, element("p", { class: "buttons" }, send, cancel));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const fields = parts.read();
      const wrong = typeof fields === "string";
      write(problem, wrong ? words.say(fields) : "");
      hide(problem, !wrong);
      if (wrong) return;
      this.bench.sender.act(id, act, fields);
      this.close();
    });
    return form;
  }

  /** Digits choose, Ctrl and Enter send, Escape gives up. */
  private key(event: KeyboardEvent, form: HTMLFormElement): void {
    if (event.isComposing || !(event.target instanceof Element)) return;
    const writing = event.target.matches("textarea, select, input:not([type=radio])");
    const choice = form.querySelector<HTMLElement>(`[data-choice="${CSS.escape(event.key)}"]`);
    if (event.key === "Escape") this.close();
    else if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
    else if (!writing && choice !== null) {
      choice.click();
      form.querySelector("textarea")?.focus();
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }
}

/** A key as it is printed on the keyboard. */
function printed(key: string | undefined): readonly HTMLElement[] {
  return key === undefined ? [] : [element("kbd", { "aria-hidden": "true" }, key)];
}

interface Parts {
  readonly elements: readonly HTMLElement[];
  /** The act's fields, or what is wrong with them. */
  read(): QueuedAct["fields"] | AlertKey;
}

const PARTS: Readonly<
  Record<Exclude<Act, "acknowledge" | "unshelve">, (bench: Bench, needed: boolean) => Parts>
> = {
  help: (bench) => saying(bench, "act.help-text", "text"),
  comment: (bench) => saying(bench, "act.comment-text", "text"),
  pass: (bench) => saying(bench, "act.pass-text", "reason"),
  assign: (bench) => {
    const person = element("select", { name: "to" });
    for (const { id, name } of bench.people().people) {
      person.append(element("option", { value: id }, name));
    }
    const read = () => (person.value === "" ? ("act.need-text" as const) : { to: person.value });
    return { elements: [labelled(bench, "act.assign-to", person)], read };
  },
  resolve: (bench, needed) => {
    const { words } = bench;
    const choices = element("fieldset", {}, element("legend", {}, words.say("act.resolve-what")));
    for (const [at, one] of DISPOSITIONS.entries()) {
      const radio = element("input", {
        type: "radio",
        name: "disposition",
        value: one,
        checked: at === 0,
        "data-choice": at + 1,
      });
      const key = printed(String(at + 1));
      choices.append(element("label", {}, radio, ...key, words.say(`disposition.${one}`)));
    }
    const text = area();
    const read = () => {
      const comment = text.value.trim();
      if (needed && comment === "") return "act.resolve-need" as const;
      const chosen = choices.querySelector<HTMLInputElement>("input:checked");
      return { disposition: chosen?.value ?? "real", comment: comment === "" ? null : comment };
    };
    return { elements: [choices, labelled(bench, "act.resolve-text", text)], read };
  },
  shelve: (bench) => {
    const { words } = bench;
    const until = element("input", { type: "datetime-local", name: "until" });
    until.value = toField(bench.now() + HOUR_MS);
    const hours = element("p", { class: "buttons" });
    for (const [at, n] of HOURS.entries()) {
      const key = printed(String(at + 1));
      const button = element("button", { type: "button", "data-choice": at + 1 }, ...key);
      button.append(words.say("act.hours", { n }));
      button.addEventListener("click", () => {
        until.value = toField(bench.now() + n * HOUR_MS);
      });
      hours.append(button);
    }
    const reason = area();
    const read = () => {
      const at = fromField(until.value);
      const ahead = at === null ? -1 : at - bench.now();
      if (at === null || ahead <= 0 || ahead > SHELF_MAX_MS) return "act.need-later" as const;
      const text = reason.value.trim();
      return text === "" ? ("act.need-text" as const) : { until: at * 1000, reason: text };
    };
    const when = labelled(bench, "act.shelve-until", until);
    return { elements: [when, hours, labelled(bench, "act.shelve-text", reason)], read };
  },
};

function saying(bench: Bench, label: AlertKey, field: "text" | "reason"): Parts {
  const text = area();
  const read = () => {
    const said = text.value.trim();
    return said === "" ? ("act.need-text" as const) : { [field]: said };
  };
  return { elements: [labelled(bench, label, text)], read };
}

function area(): HTMLTextAreaElement {
  return element("textarea", { rows: 2, maxlength: TEXT_MAX });
}

function labelled(bench: Bench, key: AlertKey, field: HTMLElement): HTMLElement {
  return element("label", {}, bench.words.say(key), field);
}
