//! From one cell of a wall to the next, also over the edge of a screen.

import { beside, shapeOf } from "../layout";
import type { Spot } from "./desk";
import type { Plan } from "./plan";

/** The cell beside another; at a screen's edge, on the screen that hangs there. */
export function step(plan: Plan, spot: Spot, way: "left" | "right" | "up" | "down"): Spot {
  const screen = plan.screens.find(({ id }) => id === spot.screen);
  if (screen === undefined) return spot;
  const shape = shapeOf(screen.layout, screen.cells.length);
  const here = shape.spans[spot.cell];
  const edge =
    here === undefined ||
    (way === "left" && here.column === 0) ||
    (way === "right" && here.column + here.size >= shape.columns) ||
    (way === "up" && here.row === 0) ||
    (way === "down" && here.row + here.size >= shape.rows);
  if (!edge) return { screen: screen.id, cell: beside(shape, spot.cell, way) };
  const column = screen.column + (way === "left" ? -1 : way === "right" ? 1 : 0);
  const row = screen.row + (way === "up" ? -1 : way === "down" ? 1 : 0);
  const next = plan.screens.find((one) => one.column === column && one.row === row);
  if (next === undefined || next.cells.length === 0) return spot;
  const there = shapeOf(next.layout, next.cells.length).spans;
  // In the same row or column as far as the other screen has one.
  const rank = (at: number): number => {
    const span = there[at];
    if (span === undefined || here === undefined) return Number.POSITIVE_INFINITY;
    const sideways = way === "left" || way === "right";
    const off = sideways ? Math.abs(span.row - here.row) : Math.abs(span.column - here.column);
    const far = { left: -span.column, right: span.column, up: -span.row, down: span.row }[way];
    return 1000 * off + far;
  };
  const best = next.cells.map((_, at) => at).sort((a, b) => rank(a) - rank(b))[0] ?? 0;
  return { screen: next.id, cell: best };
}
