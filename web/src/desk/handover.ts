//! The hand-over sheet at a change of shift: what is open, put away and out of service, the worst
//! sources, notes, and two signatures. Made to be printed as well.

import {
  kindWords,
  placeWords,
  signedWords,
  siteWords,
  stateWords,
  titleWords,
} from "../alert/face";
import { inOrder } from "../alert/order";
import { element, fill } from "../dom";
import type { Page } from "../health/shell";
import { write } from "../page";
import type { Alert, Signed } from "../wire/alert";
import { readSheet, type Sheet } from "../wire/desk";
import { PositionChoice } from "./choice";
import type { DeskShell } from "./shell";
import { section, table } from "./table";

const AGAIN_S = 30;

export class HandoverPage implements Page {
  private readonly position: PositionChoice;
  private readonly sheet = element("article", { class: "sheet" });
  private readonly problem = element("p", { class: "problem", role: "alert" });
  private readonly note = element("textarea", { rows: 3, maxlength: 500 });
  private seconds = 0;

  constructor(
    private readonly desk: DeskShell,
    main: HTMLElement,
  ) {
    const { words } = desk;
    main.className = "desk-page";
    this.position = new PositionChoice(desk, false, () => this.refresh());
    const print = element("button", { type: "button" }, words.say("handover.print"));
    print.addEventListener("click", () => window.print());
    const add = element("button", { type: "submit" }, words.say("handover.add"));
    const form = element("form", { class: "note no-print" });
    const label = element("label", {}, words.say("handover.note"), this.note);
    form.append(label, add);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const note = this.note.value.trim();
      if (note !== "") void this.post(null, note);
    });
    const bar = element("div", { class: "fields no-print" }, this.position.element, print);
    main.append(bar, this.problem, this.sheet, form);
  }

  changed(): void {
    if (this.position.changed()) this.refresh();
  }

  second(): void {
    this.seconds += 1;
    if (this.seconds % AGAIN_S === 0) this.refresh();
  }

  private refresh(): void {
    const { value } = this.position;
    if (value === "") return;
    const path = `handover?position=${encodeURIComponent(value)}`;
    void this.desk.bench.call.get(path, readSheet).then((answer) => {
      if (value !== this.position.value) return;
      this.tell(answer.ok ? null : answer.why);
      if (answer.ok) this.draw(answer.value);
    });
  }

  private async post(sign: "giving" | "taking" | null, note: string | null): Promise<void> {
    const { bench, words } = this.desk;
    if (sign !== null && bench.call.person === null) {
      write(this.problem, words.say("handover.need-person"));
      return;
    }
    const body = { position: this.position.value, sign, note };
    const answer = await bench.call.post("handover", body, readSheet);
    this.tell(answer.ok ? null : answer.why);
    if (!answer.ok) return;
    if (note !== null) this.note.value = "";
    this.draw(answer.value);
  }

  private tell(why: string | null): void {
    const { words } = this.desk;
    const said =
      why === null
        ? ""
        : words.say("health.failed", { why: words.said(why) || words.say("health.no-answer") });
    write(this.problem, said);
  }

  private draw(sheet: Sheet): void {
    const { words, bench } = this.desk;
    const { names } = bench;
    const time = (ms: number | null): string =>
      ms === null ? "–" : words.dayAndTime(ms).slice(0, 16);
    const people = (ids: readonly string[]): string =>
      ids.map((id) => names.person(id)).join(", ") || "–";
    const { shift, next } = sheet;
    const about = element(
      "p",
      {},
      words.say("handover.shift", {
        from: time(shift.fromMs),
        until: time(shift.untilMs),
        people: people(shift.people),
      }),
      " ",
      words.say("handover.next", { from: time(next.fromMs), people: people(next.people) }),
    );
    const head = element(
      "h2",
      {},
      `${words.say("desk.handover")}: ${names.position(this.position.value)}`,
    );
    const made = element(
      "p",
      { class: "none" },
      words.say("handover.made", { time: time(sheet.madeMs) }),
    );
    const out = sheet.outOfService.map((one) => [one.name, one.reason, time(one.untilMs)]);
    const worst = sheet.worst.map((one) => [
      placeWords(one, names, words),
      kindWords(one, words),
      String(one.alerts),
    ]);
    const notes = sheet.notes.map((one) => {
      return [one.text, signedWords(one, names, words, bench.now())];
    });
    const say = (...keys: readonly ColumnKey[]): readonly string[] =>
      keys.map((key) => words.say(`column.${key}`));
    fill(this.sheet, [
      head,
      about,
      made,
      this.part("handover.open", this.alerts(sheet.open)),
      this.part("handover.shelved", this.alerts(sheet.shelved)),
      this.part("handover.out", rowsOf(say("place", "reason", "until"), out)),
      this.part(
        "handover.worst",
        rowsOf([...say("place", "kind"), words.say("figures.alerts")], worst),
      ),
      this.part("handover.notes", rowsOf(say("reason", "by"), notes)),
      element(
        "div",
        { class: "signatures" },
        this.signature("giving", sheet.giving),
        this.signature("taking", sheet.taking),
      ),
    ]);
  }

  private part(key: "handover.open" | HandoverKey, content: HTMLElement | null): HTMLElement {
    const { words } = this.desk;
    const none = element("p", { class: "none" }, words.say("figures.none"));
    return section(words.say(key), content ?? none);
  }

  private alerts(alerts: readonly Alert[]): HTMLElement | null {
    const { words, bench } = this.desk;
    const { names } = bench;
    const titles = (["priority", "kind", "place", "state", "since"] as const).map((key) =>
      words.say(`column.${key}`),
    );
    return rowsOf(
      titles,
      inOrder(alerts).map((alert) => [
        words.say(`priority.${alert.priority}`),
        titleWords(alert, words),
        [placeWords(alert, names, words), siteWords(alert, names)].filter(Boolean).join(" · "),
        stateWords(alert, names, words, bench.now()) +
          (alert.shelved === null ? "" : ` – ${alert.shelved.text}`),
        words.moment(alert.openedMs, bench.now()),
      ]),
    );
  }

  private signature(which: "giving" | "taking", signed: Signed | null): HTMLElement {
    const { words, bench } = this.desk;
    const box = element(
      "div",
      { class: "signature" },
      element("b", {}, words.say(`handover.${which}`)),
    );
    if (signed !== null)
      box.append(element("span", {}, signedWords(signed, bench.names, words, bench.now())));
    else {
      const button = element("button", { type: "button", class: "no-print" });
      button.append(words.say("handover.sign"));
      button.addEventListener("click", () => void this.post(which, null));
      box.append(button);
    }
    box.append(element("span", { class: "line" }));
    return box;
  }
}

type ColumnKey = "place" | "reason" | "until" | "kind" | "by";
type HandoverKey = "handover.shelved" | "handover.out" | "handover.worst" | "handover.notes";

function rowsOf(
  titles: readonly string[],
  rows: readonly (readonly string[])[],
): HTMLElement | null {
  return rows.length === 0 ? null : table(titles, rows);
}
