//! The time line: where one is in the time that is laid out, and when something changed.

import { element, fill } from "../dom";
import type { Words } from "../i18n";
import { write } from "../page";
import type { Reel } from "./reel";

/** Marks that can be told apart; of several changes in one place, the weightiest is drawn. */
const PLACES = 300;

export class TimeLine {
  readonly element = element("div", { class: "line" });
  private readonly field = element("input", { type: "range", id: "line", min: 0, step: 1 });
  private readonly marks = element("div", { class: "marks", "aria-hidden": "true" });
  private readonly from = element("time");
  private readonly to = element("time");
  private drawn: Reel["changes"] | null = null;

  constructor(
    private readonly words: Words,
    private readonly go: (atMs: number) => void,
  ) {
    this.field.ariaLabel = words.say("replay.line");
    const ends = element("div", { class: "ends", "aria-hidden": "true" }, this.from, this.to);
    this.element.append(this.marks, this.field, ends);
  }

  show(reel: Reel): void {
    const { field, words } = this;
    const { fromMs, toMs, atMs } = reel;
    field.max = String(Math.round((toMs - fromMs) / 1000));
    field.value = String(Math.round((atMs - fromMs) / 1000));
    field.ariaValueText = words.dayAndTime(atMs);
    field.oninput = () => this.go(fromMs + Number(field.value) * 1000);
    write(this.from, words.dayAndTime(fromMs));
    write(this.to, words.dayAndTime(toMs));
    if (reel.changes === this.drawn) return;
    this.drawn = reel.changes;
    const kinds = new Map<number, string>();
    for (const { atMs: at, what, by } of reel.changes) {
      const place = Math.floor(((at - fromMs) / (toMs - fromMs)) * PLACES);
      const kind = what === "alert" ? "alert" : by === null ? "itself" : "person";
      if (kinds.get(place) !== "alert" && kind !== "itself") kinds.set(place, kind);
      else if (!kinds.has(place)) kinds.set(place, kind);
    }
    fill(
      this.marks,
      [...kinds].map(([place, kind]) => {
        const mark = element("i", { class: kind });
        mark.style.left = `${(place / PLACES) * 100}%`;
        return mark;
      }),
    );
  }
}
