//! The journal: everything that was observed, whether it became an alert or not.

import { kindWords, placeWords } from "../alert/face";
import { element, fill, hide } from "../dom";
import type { Page } from "../health/shell";
import { fromField } from "../health/times";
import { tell, write } from "../page";
import { type JournalRecord, readJournal } from "../wire/desk";
import type { DeskShell } from "./shell";
import { section, table } from "./table";

const LINES = 100;
/** Sources of what the service observed itself. */
const OWN = ["", "watchwall"];
/** Typing settles before it is looked for. */
const SETTLE_MS = 300;

export class RecordsPage implements Page {
  private readonly search: HTMLInputElement;
  private readonly from: HTMLInputElement;
  private readonly to: HTMLInputElement;
  private readonly place = element("div");
  private readonly none: HTMLElement;
  private readonly more: HTMLButtonElement;
  private readonly problem = element("p", { class: "problem", role: "alert" });
  private records: readonly JournalRecord[] = [];
  private generation = 0;
  private timer: ReturnType<typeof setTimeout> | null = null;

  constructor(
    private readonly desk: DeskShell,
    main: HTMLElement,
  ) {
    const { words } = desk;
    main.className = "desk-page";
    const label = words.say("records.search");
    this.search = element("input", {
      id: "search",
      type: "search",
      placeholder: label,
      "aria-label": label,
      value: new URLSearchParams(location.search).get("q") ?? "",
    });
    this.from = element("input", {
      type: "datetime-local",
      "aria-label": words.say("records.from"),
    });
    this.to = element("input", { type: "datetime-local", "aria-label": words.say("records.to") });
    for (const field of [this.search, this.from, this.to]) {
      field.addEventListener("input", () => this.ask());
    }
    this.none = element("p", { class: "none", hidden: true }, words.say("records.none"));
    this.more = element("button", { type: "button", hidden: true }, words.say("camera.more"));
    this.more.addEventListener("click", () => void this.fetch(this.records));
    const bar = element("div", { class: "fields" }, this.search, this.from, "–", this.to);
    const title = words.say("desk.records");
    main.append(section(title, bar, this.problem, this.none, this.place, this.more));
    void this.fetch([]);
  }

  changed(): void {
    this.draw();
  }

  second(): void {}

  private ask(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      const query = new URLSearchParams(location.search);
      if (this.search.value === "") query.delete("q");
      else query.set("q", this.search.value);
      history.replaceState(null, "", `?${query}`);
      void this.fetch([]);
    }, SETTLE_MS);
  }

  private async fetch(before: readonly JournalRecord[]): Promise<void> {
    this.generation += 1;
    const { generation } = this;
    const { words, bench } = this.desk;
    const query = new URLSearchParams({ limit: String(LINES) });
    if (this.search.value !== "") query.set("q", this.search.value);
    for (const [name, field] of [
      ["from", this.from],
      ["to", this.to],
    ] as const) {
      const at = fromField(field.value);
      if (at !== null) query.set(name, String(at * 1000));
    }
    const last = before.at(-1);
    if (last !== undefined) query.set("to", String(Math.round(last.atMs * 1000)));
    const answer = await bench.call.get(`records?${query}`, readJournal);
    if (generation !== this.generation) return;
    const why = answer.ok ? "" : words.said(answer.why) || words.say("health.no-answer");
    write(this.problem, answer.ok ? "" : words.say("health.failed", { why }));
    if (!answer.ok) return;
    this.records = [...before, ...answer.value.records];
    hide(this.more, !answer.value.more);
    hide(this.none, this.records.length > 0);
    this.draw();
  }

  private draw(): void {
    const { words, bench } = this.desk;
    const rows = this.records.map((one) => {
      const subject = {
        kind: one.camera === null ? "service" : "camera",
        id: one.camera ?? "",
      } as const;
      const kind = kindWords({ kind: one.kind, subject }, words);
      const link = element("a", {}, words.say("column.alert"));
      link.href = bench.link("/alerts");
      const query = new URLSearchParams(link.search);
      query.set("a", one.alert ?? "");
      link.search = query.toString();
      return [
        words.dayAndTime(one.atMs),
        kind,
        placeWords({ subject, where: one.where }, bench.names, words),
        words.known("source", one.source),
        // What people and other systems wrote is theirs.
        OWN.includes(one.source) ? tell(element("span"), one.text, words) : one.text,
        one.alert === null ? "" : link,
      ];
    });
    const titles = ["at", "kind", "place", "source", "text"] as const;
    const made = table([...titles.map((key) => words.say(`column.${key}`)), ""], rows);
    fill(this.place, rows.length === 0 ? [] : [made]);
  }
}
