//! Figures as they are plotted: in units that people read, and with a hole where nothing is known.

import type { Figure, Figures } from "../wire/past";

/** What a plotted value is of the service's. */
const SCALES: Readonly<Partial<Record<Figure, number>>> = { bitrate: 1e-3, sharpness: 100 };
const DECIMALS: Readonly<Record<Figure, number>> = {
  frame_rate: 1,
  bitrate: 0,
  loss_percent: 2,
  jitter_ms: 1,
  keyframe_interval_s: 1,
  clock_offset_s: 3,
  luma: 0,
  sharpness: 0,
};

/** There is a point each minute; more than this between two is a hole, seconds. */
const HOLE_S = 150;

/** Times and values of one plot. */
export interface Curve {
  readonly at: readonly number[];
  readonly values: readonly (number | null)[];
}

export function curveOf(figures: Figures, figure: Figure): Curve {
  const scale = SCALES[figure] ?? 1;
  const at: number[] = [];
  const values: (number | null)[] = [];
  figures.at.forEach((time, index) => {
    const before = at.at(-1);
    if (before !== undefined && time - before > HOLE_S) {
      at.push(before + 60);
      values.push(null);
    }
    const value = figures.columns[figure][index] ?? null;
    at.push(time);
    values.push(value === null ? null : value * scale);
  });
  return { at, values };
}

export function readable(figure: Figure, value: number): string {
  return value.toFixed(DECIMALS[figure]);
}

/** The lower and upper end of a plot; only a clock may be before ours. */
export function rangeOf(figure: Figure, least: number, most: number): [number, number] {
  if (figure === "clock_offset_s") {
    const reach = Math.max(0.05, 1.15 * Math.max(Math.abs(least), Math.abs(most)));
    return [-reach, reach];
  }
  if (figure === "luma") return [0, 255];
  const floors = { sharpness: 120, loss_percent: 1, keyframe_interval_s: 4 };
  const floor = (floors as Partial<Record<Figure, number>>)[figure] ?? 0;
  return [0, Math.max(floor, 1.15 * most) || 1];
}
