//! How well the alerts are kept: against the yardstick of EEMUA 191, per position and shift.

import { kindWords, placeWords, sinceWords } from "../alert/face";
import { element, fill } from "../dom";
import type { Page } from "../health/shell";
import { write } from "../page";
import { type AlertFigures, readAlertFigures, type SourceCount } from "../wire/desk";
import { PositionChoice } from "./choice";
import { CALM, MOST, RatePlot } from "./rateplot";
import type { DeskShell } from "./shell";
import { figure, section, table } from "./table";

const HOUR_MS = 3_600_000;
const RANGES = [8, 24, 168] as const;
const AGAIN_S = 60;
/** Shares that are right, per cent. */
const GOAL = { high: 5, medium: 15, low: 80 } as const;

export class FiguresPage implements Page {
  private readonly position: PositionChoice;
  private readonly plot: RatePlot;
  private readonly tiles = element("div", { class: "tiles" });
  private readonly shifts = element("div");
  private readonly tables = element("div", { class: "cards" });
  private readonly csv = element("a", { download: "" });
  private readonly problem = element("p", { class: "problem", role: "alert" });
  private hours: number = 24;
  private generation = 0;
  private seconds = 0;

  constructor(
    private readonly desk: DeskShell,
    main: HTMLElement,
  ) {
    const { words, shell } = desk;
    main.className = "desk-page";
    this.position = new PositionChoice(desk, true, () => this.refresh());
    this.plot = new RatePlot(words, shell.theme);
    const ranges = element("span", { class: "hours", role: "group" });
    const buttons = RANGES.map((hours) => {
      const text = hours > 48 ? words.say("age.days", { n: hours / 24 }) : undefined;
      const button = element("button", { type: "button" });
      button.append(text ?? words.say("age.hours", { n: hours }));
      button.addEventListener("click", () => {
        this.hours = hours;
        press();
        this.refresh();
      });
      ranges.append(button);
      return button;
    });
    const press = (): void => {
      for (const [at, button] of buttons.entries()) {
        button.ariaPressed = String(RANGES[at] === this.hours);
      }
    };
    press();
    write(this.csv, words.say("figures.csv"));
    const bar = element("div", { class: "fields" }, this.position.element, ranges, this.csv);
    main.append(bar, this.problem, this.tiles, this.plot.element, this.shifts, this.tables);
    this.refresh();
  }

  changed(): void {
    if (this.position.changed() && this.position.value !== "") this.refresh();
  }

  second(): void {
    this.seconds += 1;
    if (this.seconds % AGAIN_S === 0) this.refresh();
  }

  private refresh(): void {
    this.generation += 1;
    const { generation } = this;
    const to = Math.round(this.desk.bench.now()) * 1000;
    const query = new URLSearchParams({ from: String(to - this.hours * HOUR_MS * 1000) });
    query.set("to", String(to));
    if (this.position.value !== "") query.set("position", this.position.value);
    this.csv.href = `/api/v1/alerts/figures?${query}&format=csv`;
    void this.desk.bench.call.get(`alerts/figures?${query}`, readAlertFigures).then((answer) => {
      if (generation !== this.generation) return;
      const { words } = this.desk;
      const why = answer.ok ? "" : words.said(answer.why) || words.say("health.no-answer");
      write(this.problem, answer.ok ? "" : words.say("health.failed", { why }));
      if (answer.ok) this.draw(answer.value);
    });
  }

  private draw(figures: AlertFigures): void {
    const { words } = this.desk;
    this.plot.show(figures);
    const { average, peak, acknowledge, floodS, floodPercent, mix } = figures;
    const flood = floodS === null ? "–" : words.age(floodS * 1000);
    const percent = floodPercent === null ? "" : ` (${floodPercent.toFixed(1)} %)`;
    const shares = (["high", "medium", "low"] as const).map(
      (one) => `${words.say(`priority.${one}`)} ${figure(mix?.[one] ?? null)}`,
    );
    fill(this.tiles, [
      this.tile("figures.alerts", String(figures.alerts), ""),
      this.tile("figures.average", figure(average, "", 2), `≤ ${CALM}`, (average ?? 0) > CALM),
      this.tile("figures.peak", figure(peak), `≤ ${MOST}`, (peak ?? 0) > MOST),
      this.tile("figures.median", figure(acknowledge.medianS, "s"), ""),
      this.tile("figures.p95", figure(acknowledge.p95S, "s"), ""),
      this.tile("figures.flood", flood + percent, ""),
      this.tile(
        "figures.mix",
        shares.join(" · "),
        `${GOAL.high} / ${GOAL.medium} / ${GOAL.low} %`,
        mix?.drifted ?? false,
      ),
    ]);
    fill(this.shifts, [this.shiftsOf(figures)]);
    fill(this.tables, this.tablesOf(figures));
  }

  /** A figure beside its yardstick; one beyond it says so in words. */
  private tile(key: FigureKey, value: string, goal: string, beyond = false): HTMLElement {
    const { words } = this.desk;
    const tile = element("div", { class: "tile", "data-beyond": String(beyond) });
    tile.append(element("span", {}, words.say(key)), element("strong", {}, value));
    if (goal !== "") {
      const said = words.say(beyond ? "figures.beyond" : "figures.goal", { goal });
      tile.append(element("small", {}, said));
    }
    return tile;
  }

  private shiftsOf({ shifts }: AlertFigures): HTMLElement {
    const { words, bench } = this.desk;
    const { names } = bench;
    const none = element("p", { class: "none" }, words.say("figures.none"));
    const time = (ms: number | null): string => (ms === null ? "–" : words.moment(ms));
    const keys = ["alerts", "average", "peak", "median", "p95", "flood"] as const;
    const byShift = table(
      [words.say("figures.shift"), ...keys.map((key) => words.say(`figures.${key}`))],
      shifts.map((one) => [
        `${time(one.fromMs)} – ${time(one.untilMs)} ${one.people.map((id) => names.person(id)).join(", ")}`,
        String(one.alerts),
        figure(one.average, "", 2),
        figure(one.peak),
        figure(one.medianS, "s"),
        figure(one.p95S, "s"),
        one.floodS === null ? "–" : words.age(one.floodS * 1000),
      ]),
    );
    return section(words.say("figures.shifts"), shifts.length === 0 ? none : byShift);
  }

  private tablesOf({ top, chattering, stale }: AlertFigures): readonly HTMLElement[] {
    const { words, bench } = this.desk;
    const { names } = bench;
    const none = (): HTMLElement => element("p", { class: "none" }, words.say("figures.none"));
    const sources = (list: readonly SourceCount[]): HTMLElement =>
      list.length === 0
        ? none()
        : table(
            [words.say("column.place"), words.say("column.kind"), words.say("figures.alerts"), "%"],
            list.map((one) => [
              placeWords(one, names, words),
              kindWords(one, words),
              String(one.alerts),
              figure(one.share, "", 0),
            ]),
          );
    const old = table(
      [words.say("column.place"), words.say("column.kind"), words.say("column.since")],
      stale.map((alert) => [
        placeWords(alert, names, words),
        kindWords(alert, words),
        sinceWords(alert, words, bench.now()),
      ]),
    );
    return [
      section(words.say("figures.top"), sources(top)),
      section(words.say("figures.chattering"), sources(chattering)),
      section(words.say("figures.stale"), stale.length === 0 ? none() : old),
    ];
  }
}

type FigureKey =
  | "figures.alerts"
  | "figures.average"
  | "figures.peak"
  | "figures.median"
  | "figures.p95"
  | "figures.flood"
  | "figures.mix";
