//! The command line at the foot of the page: says while one types what Enter will do, and afterwards
//! what became of it.

import { element } from "../dom";
import type { Words } from "../i18n";
import { write } from "../page";
import { type Order, readOrder } from "./command";

export interface LineEvents {
  /** Somebody begins to type: what is chosen now is what the order will be about. */
  begin(): void;
  /** Nobody types any more. */
  end(): void;
  /** What an order would do, in words; empty: it makes no sense now. */
  preview(order: Order): string;
  run(order: Order): void;
  /** Away from the line, back to where the keyboard was. */
  leave(): void;
}

const REMEMBERED = 50;

export class Line {
  private readonly field: HTMLInputElement;
  private readonly preview = element("span", { class: "preview", id: "line-preview" });
  private readonly said = element("span", { class: "said", role: "status" });
  private readonly before: string[] = [];
  private recalled = 0;

  constructor(
    root: HTMLElement,
    private readonly words: Words,
    private readonly events: LineEvents,
  ) {
    this.field = element("input", {
      id: "command",
      type: "text",
      autocomplete: "off",
      spellcheck: "false",
      "aria-label": words.say("console.line"),
      "aria-describedby": "line-preview",
      placeholder: words.say("console.line-hint"),
    });
    const help = element("span", { class: "line-help" }, element("kbd", {}, "?"));
    help.append(` ${words.say("console.keys")}`);
    root.append(element("b", { "aria-hidden": "true" }, "›"), this.field, this.preview);
    root.append(this.said, help);
    this.field.addEventListener("focus", () => events.begin());
    this.field.addEventListener("blur", () => events.end());
    this.field.addEventListener("input", () => this.typed());
    this.field.addEventListener("keydown", (event) => this.key(event));
  }

  /** Begins an order: as if that had been typed. */
  begin(text: string): void {
    this.field.value = text;
    this.field.focus();
    this.field.setSelectionRange(text.length, text.length);
    this.typed();
  }

  /** Something is known by now that the order is about. */
  again(): void {
    if (document.activeElement === this.field) this.typed();
  }

  /** What became of the last order. */
  say(text: string, problem = false): void {
    this.said.classList.toggle("problem", problem);
    write(this.said, text);
  }

  private typed(): void {
    const text = this.field.value;
    const preview = this.events.preview(readOrder(text));
    write(this.preview, text.trim() === "" ? "" : preview || this.words.say("console.line-none"));
    if (text !== "") this.say("");
  }

  private key(event: KeyboardEvent): void {
    if (event.isComposing) return;
    if (event.key === "Enter") this.run();
    else if (event.key === "Escape") this.leave();
    else if (event.key === "ArrowUp") this.recall(1);
    else if (event.key === "ArrowDown") this.recall(-1);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  private run(): void {
    const text = this.field.value;
    const order = readOrder(text);
    this.clear();
    if (order.do !== "nothing") {
      this.before.unshift(text);
      this.before.length = Math.min(this.before.length, REMEMBERED);
      this.events.run(order);
    }
    // Some orders lead elsewhere by themselves.
    if (document.activeElement === this.field) this.events.leave();
  }

  private leave(): void {
    this.clear();
    this.events.leave();
  }

  private clear(): void {
    this.field.value = "";
    this.recalled = 0;
    write(this.preview, "");
  }

  /** What was typed before, further back or nearer. */
  private recall(step: number): void {
    this.recalled = Math.min(this.before.length, Math.max(0, this.recalled + step));
    this.field.value = this.before[this.recalled - 1] ?? "";
    this.typed();
  }
}
