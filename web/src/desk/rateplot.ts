//! New alerts in each ten minutes as bars, with the yardstick: one in the long run, ten at most.

import uPlot from "uplot";
import { element } from "../dom";
import type { Theme } from "../draw/theme";
import type { Words } from "../i18n";
import { write } from "../page";
import type { AlertFigures } from "../wire/desk";

const TALL_EM = 15;
/** EEMUA 191: in the long run, and in the first ten minutes of an upset. */
export const CALM = 1;
export const MOST = 10;

export class RatePlot {
  readonly element = element("figure", { class: "rate" });
  private readonly box = element("div", { class: "plot" });
  private readonly readout = element("b", { class: "readout" });
  private chart: uPlot | null = null;

  constructor(
    private readonly words: Words,
    private readonly theme: Theme,
  ) {
    const title = element("figcaption", {}, words.say("figures.rate"), " ", this.readout);
    this.element.append(title, this.box);
    new ResizeObserver(() => this.chart?.setSize(this.size())).observe(this.box);
  }

  show({ slots }: AlertFigures): void {
    const at = slots.map(({ atS }) => atS);
    const data: uPlot.AlignedData = [
      at,
      slots.map(({ fresh }) => fresh),
      at.map(() => CALM),
      at.map(() => MOST),
    ];
    this.chart ??= this.made(data);
    this.chart.setData(data);
    this.tell(null);
  }

  private made(data: uPlot.AlignedData): uPlot {
    const { theme, words } = this;
    const letter = Number.parseFloat(getComputedStyle(document.documentElement).fontSize) || 16;
    const axis = {
      stroke: theme.stripText,
      font: `${Math.round(letter * 0.75)}px system-ui, "Noto Sans", sans-serif`,
      grid: { stroke: theme.emptyMark, width: 0.5 },
      ticks: { stroke: theme.emptyMark, width: 0.5, size: 4 },
    };
    const line = (stroke: string, dash: number[]): uPlot.Series => {
      return { stroke, dash, width: 1.5, points: { show: false } };
    };
    const bars = uPlot.paths.bars?.({ size: [0.8, 40], align: 1 });
    const options: uPlot.Options = {
      ...this.size(),
      legend: { show: false },
      cursor: { drag: { x: false, y: false }, y: false, points: { show: false } },
      scales: {
        x: { time: true },
        y: { range: (_, __, most) => [0, Math.max(MOST + 2, most + 1)] },
      },
      axes: [
        {
          ...axis,
          size: letter * 1.6,
          space: letter * 6,
          values: (_, splits) => splits.map((at) => words.moment(at * 1000)),
        },
        { ...axis, size: letter * 2.4, space: letter * 2 },
      ],
      series: [
        {},
        {
          stroke: theme.number,
          fill: theme.number,
          width: 0,
          points: { show: false },
          ...(bars === undefined ? {} : { paths: bars }),
        },
        line(theme.stripText, [2, 4]),
        line(theme.plateSign, [8, 4]),
      ],
      hooks: { setCursor: [(chart) => this.tell(chart.cursor.idx ?? null)] },
    };
    return new uPlot(options, data, this.box);
  }

  /** What is under the cursor. */
  private tell(index: number | null): void {
    const [times, values] = this.chart?.data ?? [];
    const at = index === null ? undefined : times?.[index];
    const fresh = index === null ? undefined : values?.[index];
    const said = at === undefined ? "" : `${this.words.moment(at * 1000)}: ${fresh}`;
    write(this.readout, said);
  }

  private size(): { width: number; height: number } {
    const letter = Number.parseFloat(getComputedStyle(document.documentElement).fontSize) || 16;
    return { width: Math.max(100, this.box.clientWidth), height: Math.round(TALL_EM * letter) };
  }
}
