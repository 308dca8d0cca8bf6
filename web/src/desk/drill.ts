//! Drills: alerts that are marked as such go the real way, and a report tells how quickly people took
//! them. They are in no other figure.

import { kindWords } from "../alert/face";
import { element, fill, hide } from "../dom";
import type { Page } from "../health/shell";
import type { Words } from "../i18n";
import { write } from "../page";
import { type Drill, readDrill, readDrills } from "../wire/desk";
import { parseNumbers } from "./numbers";
import type { DeskShell } from "./shell";
import { figure, section, table } from "./table";

/** What a drill may pretend. */
const KINDS = [
  "covered",
  "black",
  "moved",
  "frozen",
  "defocused",
  "stalled",
  "unreachable",
] as const;
const AGAIN_S = 3;

export class DrillPage implements Page {
  private readonly form = element("form", { class: "drill-form" });
  private readonly kind = element("select", { name: "kind" });
  private readonly cameras = element("input", {
    name: "cameras",
    placeholder: "101, 105, 110-115",
  });
  private readonly count = element("input", {
    name: "count",
    type: "number",
    min: 1,
    max: 20,
    value: 5,
  });
  private readonly gap = element("input", {
    name: "gap",
    type: "number",
    min: 1,
    max: 600,
    value: 30,
  });
  private readonly problem = element("p", { class: "problem", role: "alert" });
  private readonly past = element("div");
  private readonly report = element("div");
  private readonly none: HTMLElement;
  private open: string | null = null;
  private seconds = 0;

  constructor(
    private readonly desk: DeskShell,
    main: HTMLElement,
  ) {
    const { words } = desk;
    main.className = "desk-page";
    for (const kind of KINDS) {
      this.kind.append(element("option", { value: kind }, words.condition(kind)));
    }
    this.none = element("p", { class: "none", hidden: true }, words.say("drill.none"));
    const field = (key: FieldKey, input: HTMLElement): HTMLElement =>
      element("label", {}, words.say(key), input);
    const start = element("button", { type: "submit", class: "main" }, words.say("drill.start"));
    this.form.append(
      field("drill.kind", this.kind),
      field("drill.cameras", this.cameras),
      field("drill.count", this.count),
      field("drill.gap", this.gap),
      start,
      this.problem,
    );
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.start(start);
    });
    const mark = element("p", { class: "drill banner-drill" }, words.say("alert.drill"));
    const why = element("p", {}, words.say("drill.why"));
    main.append(
      section(words.say("desk.drill"), mark, why, this.form),
      this.report,
      section(words.say("drill.past"), this.none, this.past),
    );
    this.refresh();
  }

  changed(): void {}

  second(): void {
    this.seconds += 1;
    if (this.seconds % AGAIN_S === 0) this.refresh();
  }

  private async start(button: HTMLButtonElement): Promise<void> {
    const { words, bench, shell } = this.desk;
    const numbers = parseNumbers(this.cameras.value);
    const known = new Map([...shell.census.cameras].map(({ number, id }) => [number, id]));
    const wrong = numbers?.find((number) => !known.has(number));
    if (numbers === null || numbers.length === 0) return this.tell(words.say("drill.need-cameras"));
    if (wrong !== undefined) return this.tell(words.say("drill.no-camera", { number: wrong }));
    const body = {
      kind: this.kind.value,
      cameras: numbers.flatMap((number) => known.get(number) ?? []),
      count: Number(this.count.value),
      gap_s: Number(this.gap.value),
    };
    button.disabled = true;
    const answer = await bench.call.post("drills", body, readDrill);
    button.disabled = false;
    const why = answer.ok ? "" : words.said(answer.why) || words.say("health.no-answer");
    this.tell(answer.ok ? "" : words.say("health.failed", { why }));
    if (answer.ok) this.open = answer.value?.id ?? null;
    this.refresh();
  }

  private tell(text: string): void {
    write(this.problem, text);
  }

  private refresh(): void {
    const { call } = this.desk.bench;
    void call.get("drills", readDrills).then((answer) => {
      if (!answer.ok) return;
      hide(this.none, answer.value.length > 0);
      this.open ??= answer.value[0]?.id ?? null;
      this.drawPast(answer.value);
      if (this.open === null) return;
      void call.get(`drills/${this.open}`, readDrill).then((one) => {
        if (one.ok && one.value !== undefined) this.drawReport(one.value);
      });
    });
  }

  private drawPast(drills: readonly Drill[]): void {
    const { words, bench } = this.desk;
    const titles = [
      words.say("column.at"),
      words.say("drill.kind"),
      words.say("column.by"),
      words.say("drill.taken"),
      words.say("figures.median"),
      "",
    ];
    const rows = drills.map((drill) => {
      const show = element("button", { type: "button" }, words.say("drill.show"));
      show.addEventListener("click", () => {
        this.open = drill.id;
        this.refresh();
      });
      return [
        drill.startedMs === null ? "–" : words.dayAndTime(drill.startedMs),
        kindOf(drill, words),
        drill.by === "" ? "–" : bench.names.person(drill.by),
        `${drill.acknowledged}/${drill.count}`,
        figure(drill.medianS, "s", 1),
        show,
      ];
    });
    fill(this.past, drills.length === 0 ? [] : [table(titles, rows)]);
  }

  private drawReport(drill: Drill): void {
    const { words, bench } = this.desk;
    const { names } = bench;
    const seconds = (value: number | null): string => figure(value, "s", 1);
    const title = words.say("drill.report", {
      kind: kindOf(drill, words),
      time: drill.startedMs === null ? "–" : words.dayAndTime(drill.startedMs),
    });
    const sum = words.say("drill.sum", {
      opened: drill.opened,
      count: drill.count,
      acknowledged: drill.acknowledged,
      median: seconds(drill.medianS),
      p95: seconds(drill.p95S),
      slowest: seconds(drill.slowestS),
    });
    const speed = [words.say("figures.median"), words.say("figures.p95")];
    const shifts = table(
      [
        words.say("column.position"),
        words.say("figures.shift"),
        words.say("drill.taken"),
        ...speed,
      ],
      drill.shifts.map((one) => [
        names.position(one.position),
        one.people.map((id) => names.person(id)).join(", "),
        `${one.acknowledged}/${one.alerts}`,
        seconds(one.medianS),
        seconds(one.p95S),
      ]),
    );
    const keys = ["at", "place", "delivered", "read", "taken", "by"] as const;
    const alerts = table(
      keys.map((key) => words.say(`column.${key}`)),
      drill.alerts.map((one) => [
        one.openedMs === null ? "–" : words.timeOfDay(one.openedMs),
        [one.where.number, one.where.name].filter((part) => part !== null).join(" "),
        seconds(one.deliveredS),
        seconds(one.readS),
        seconds(one.acknowledgedS),
        one.by === "" ? "–" : names.person(one.by),
      ]),
    );
    fill(this.report, [section(title, element("p", {}, sum), shifts, alerts)]);
  }
}

type FieldKey = "drill.kind" | "drill.cameras" | "drill.count" | "drill.gap";

function kindOf({ kind }: Drill, words: Words): string {
  return kindWords({ kind, subject: { kind: "camera", id: "" } }, words);
}
