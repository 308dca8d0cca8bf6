//! Choosing a position; the address keeps which.

import { element, fill } from "../dom";
import type { DeskShell } from "./shell";

export class PositionChoice {
  readonly element: HTMLSelectElement;
  private drawn = "";

  constructor(
    private readonly desk: DeskShell,
    /** There is a choice of all of them together. */
    private readonly all: boolean,
    chosen: () => void,
  ) {
    const name = desk.words.say("column.position");
    this.element = element("select", { id: "position", "aria-label": name });
    this.element.addEventListener("change", () => {
      const query = new URLSearchParams(location.search);
      query.set("position", this.element.value);
      history.replaceState(null, "", `?${query}`);
      chosen();
    });
  }

  /** Says whether there is another choice now. */
  changed(): boolean {
    const { words, bench } = this.desk;
    const { positions } = bench.people();
    const key = positions.map(({ id, name }) => id + name).join();
    if (key === this.drawn || positions.length === 0) return false;
    this.drawn = key;
    const before = this.value;
    const any = element("option", { value: "" }, words.say("desk.any-position"));
    const options = positions.map(({ id, name }) => element("option", { value: id }, name));
    fill(this.element, this.all ? [any, ...options] : options);
    const own = positions.find(({ onDuty }) => onDuty.includes(bench.call.person ?? ""))?.id;
    const asked = new URLSearchParams(location.search).get("position");
    const wished = before || asked || (this.all ? "" : (own ?? positions[0]?.id ?? ""));
    this.element.value = positions.some(({ id }) => id === wished) ? wished : "";
    return true;
  }

  get value(): string {
    return this.element.value;
  }
}
