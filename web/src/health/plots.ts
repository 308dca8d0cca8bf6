//! Figures over the last hours, one plot each, with one cursor through all of them.

import uPlot from "uplot";
import { ask } from "../api";
import { element, hide } from "../dom";
import { write } from "../page";
import { FIGURES, type Figure, type Figures, readFigures } from "../wire/past";
import { curveOf, rangeOf, readable } from "./figures";
import type { Shell } from "./shell";

const HOURS = [1, 6, 24] as const;
/** Height of a plot, letters. */
const TALL_EM = 9;

interface Plot {
  readonly figure: Figure;
  readonly box: HTMLElement;
  readonly readout: HTMLElement;
  chart: uPlot | null;
}

export class Plots {
  readonly element: HTMLElement;
  private readonly none: HTMLElement;
  /** The stream's figures as of now, above the plots. */
  readonly facts = element("dl", { class: "facts" });
  private readonly grid = element("div", { class: "plots" });
  private readonly plots: readonly Plot[];
  private hours: number = 6;
  private figures: Figures | null = null;
  private generation = 0;

  constructor(
    private readonly shell: Shell,
    private readonly id: string,
  ) {
    const { words } = shell;
    this.none = element("p", { class: "none", hidden: true }, words.say("camera.no-figures"));
    const choice = element("span", { class: "hours", role: "group" });
    const buttons = HOURS.map((n) => {
      const button = element("button", { type: "button" }, words.say("camera.hours", { n }));
      button.addEventListener("click", () => {
        this.hours = n;
        press();
        this.refresh();
      });
      choice.append(button);
      return button;
    });
    const press = (): void => {
      buttons.forEach((button, at) => {
        button.ariaPressed = String(HOURS[at] === this.hours);
      });
    };
    press();
    this.plots = FIGURES.map((figure) => {
      const readout = element("b", { class: "readout" });
      const box = element("div", { class: "plot" });
      const title = element("p", {}, words.say(`plot.${figure}`), " ", readout);
      const whole = element("figure", { "data-figure": figure }, title, box);
      this.grid.append(whole);
      return { figure, box, readout, chart: null };
    });
    const title = element("h3", {}, words.say("camera.figures"), " ", choice);
    this.element = element("section", { class: "figures" }, title, this.facts);
    this.element.append(this.none, this.grid);
    new ResizeObserver(() => this.resize()).observe(this.grid);
  }

  refresh(): void {
    this.generation += 1;
    const { generation } = this;
    void ask(`cameras/${this.id}/figures?hours=${this.hours}`, readFigures).then((answer) => {
      // Meanwhile another number of hours may have been chosen.
      if (!answer.ok || generation !== this.generation) return;
      this.figures = answer.value;
      this.draw();
    });
  }

  private draw(): void {
    const { figures } = this;
    if (figures === null) return;
    const empty = figures.at.length === 0;
    hide(this.none, !empty);
    hide(this.grid, empty);
    if (empty) return;
    const until = Math.max(this.shell.now() / 1000, figures.at.at(-1) ?? 0);
    for (const plot of this.plots) {
      const curve = curveOf(figures, plot.figure);
      const data: uPlot.AlignedData = [[...curve.at], [...curve.values]];
      plot.chart ??= this.chart(plot, data);
      plot.chart.batch(() => {
        plot.chart?.setData(data, false);
        plot.chart?.setScale("x", { min: until - this.hours * 3600, max: until });
      });
      this.tell(plot, null);
    }
    this.resize();
  }

  private chart(plot: Plot, data: uPlot.AlignedData): uPlot {
    const { theme, words } = this.shell;
    const { figure } = plot;
    const letter = letterSize();
    const fonts = `${Math.round(letter * 0.75)}px system-ui, "Noto Sans", sans-serif`;
    const axis = {
      stroke: theme.stripText,
      font: fonts,
      grid: { stroke: theme.emptyMark, width: 0.5 },
      ticks: { stroke: theme.emptyMark, width: 0.5, size: 4 },
    };
    const options: uPlot.Options = {
      ...this.sizeOf(plot),
      legend: { show: false },
      cursor: { sync: { key: "figures" }, drag: { x: false, y: false }, y: false },
      scales: {
        x: { time: true },
        y: { range: (_, least, most) => rangeOf(figure, least ?? 0, most ?? 0) },
      },
      axes: [
        {
          ...axis,
          size: letter * 1.6,
          space: letter * 4.5,
          values: (_, splits) => splits.map((at) => words.timeOfDay(at * 1000).slice(0, 5)),
        },
        {
          ...axis,
          size: letter * 3.4,
          space: letter * 2,
          values: (_, splits) => splits.map((value) => String(Number(value.toFixed(3)))),
        },
      ],
      series: [
        {},
        {
          stroke: theme.number,
          width: Math.max(1.5, letter / 10),
          points: { show: true, size: letter / 4, filter: lonely },
          spanGaps: false,
        },
      ],
      hooks: { setCursor: [(chart) => this.tell(plot, chart.cursor.idx ?? null)] },
    };
    return new uPlot(options, data, plot.box);
  }

  /** The value under the cursor with its time, else the newest. */
  private tell(plot: Plot, index: number | null): void {
    const [times, values] = plot.chart?.data ?? [[], []];
    const at = index ?? (values?.length ?? 0) - 1;
    const value = values?.[at];
    const time = index === null ? "" : ` ${this.shell.words.timeOfDay((times[at] ?? 0) * 1000)}`;
    const known = value === null || value === undefined ? "–" : readable(plot.figure, value);
    write(plot.readout, `${known}${time}`);
  }

  private resize(): void {
    for (const plot of this.plots) plot.chart?.setSize(this.sizeOf(plot));
  }

  private sizeOf({ box }: Plot): { width: number; height: number } {
    return { width: Math.max(100, box.clientWidth), height: Math.round(TALL_EM * letterSize()) };
  }
}

/** Points between two holes, which no line leads to. */
function lonely(chart: uPlot, series: number): number[] {
  const values = chart.data[series] ?? [];
  const known = (at: number): boolean => values[at] !== null && values[at] !== undefined;
  return [...values.keys()].filter((at) => known(at) && !known(at - 1) && !known(at + 1));
}

function letterSize(): number {
  return Number.parseFloat(getComputedStyle(document.documentElement).fontSize) || 16;
}
