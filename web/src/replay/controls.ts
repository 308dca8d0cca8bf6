//! What a replay is driven with: steps, speeds, date and time, and how much time is laid out. Each has
//! a key as well.

import { element } from "../dom";
import { fromField, toField } from "../health/times";
import type { Words } from "../i18n";
import { write } from "../page";
import { type Reel, SPANS_H, SPEEDS, type Speed } from "./reel";

export interface Drive {
  go(atMs: number): void;
  now(): void;
  step(by: 1 | -1): void;
  toggle(): void;
  run(speed: Speed): void;
  stretch(hours: number): void;
}

export class Controls {
  readonly element = element("div", { class: "controls" });
  private readonly when = element("input", { type: "datetime-local", id: "when", step: 1 });
  private readonly play = element("button", { type: "button", id: "play" });
  private readonly speeds = new Map<Speed, HTMLButtonElement>();
  private readonly spans = new Map<number, HTMLButtonElement>();

  constructor(
    private readonly words: Words,
    drive: Drive,
  ) {
    const button = (text: string, does: () => void, key?: string): HTMLButtonElement => {
      const made = element("button", { type: "button" }, text);
      if (key !== undefined) made.setAttribute("aria-keyshortcuts", key);
      made.addEventListener("click", does);
      return made;
    };
    this.play.setAttribute("aria-keyshortcuts", "Space");
    this.play.addEventListener("click", () => drive.toggle());
    SPEEDS.forEach((speed, at) => {
      this.speeds.set(
        speed,
        button(`${speed}×`, () => drive.run(speed), String(at + 1)),
      );
    });
    for (const hours of SPANS_H) {
      const text = words.say("replay.span", { n: hours });
      this.spans.set(
        hours,
        button(text, () => drive.stretch(hours)),
      );
    }
    const group = (label: string, buttons: Iterable<HTMLElement>): HTMLElement => {
      const made = element("div", { class: "choice", role: "group" }, ...buttons);
      made.ariaLabel = label;
      return made;
    };
    this.when.addEventListener("change", () => {
      const at = fromField(this.when.value);
      if (at !== null) drive.go(at);
    });
    this.element.append(
      button(`← ${words.say("replay.before")}`, () => drive.step(-1), "ArrowLeft"),
      this.play,
      button(`${words.say("replay.next")} →`, () => drive.step(1), "ArrowRight"),
      group(words.say("replay.speeds"), this.speeds.values()),
      element("label", {}, `${words.say("replay.at")} `, this.when),
      button(words.say("replay.now"), () => drive.now(), "n"),
      group(words.say("replay.spans"), this.spans.values()),
    );
  }

  /** Whether somebody types date and time. */
  get typing(): boolean {
    return document.activeElement === this.when;
  }

  /** To the date and time, or away from it. */
  type(on: boolean): void {
    if (on) this.when.focus();
    else this.when.blur();
  }

  show(reel: Reel): void {
    if (!this.typing) this.when.value = toFieldOfSeconds(reel.atMs);
    write(this.play, this.words.say(reel.playing ? "replay.pause" : "replay.play"));
    for (const [speed, button] of this.speeds) button.ariaPressed = String(speed === reel.speed);
    for (const [hours, button] of this.spans) button.ariaPressed = String(hours === reel.spanH);
  }
}

/** As a `datetime-local` field has it, with seconds. */
function toFieldOfSeconds(unixMs: number): string {
  const seconds = Math.floor(unixMs / 1000) % 60;
  return `${toField(unixMs)}:${String(seconds).padStart(2, "0")}`;
}
