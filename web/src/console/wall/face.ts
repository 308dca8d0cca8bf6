//! A wall as a plan: where screens and cells lie, and what is in a cell, in signs and words. The same
//! for the wall that is now and for one that was.

import { element } from "../../dom";
import type { Words } from "../../i18n";
import type { Camera } from "../../wire/messages";
import { shapeOf } from "../layout";
import type { Spot } from "./desk";
import type { Plan, WallCell } from "./plan";

/** Signs of why something is in a cell: told by shape and word, too. */
const SIGNS: Readonly<Record<WallCell["why"], string>> = {
  base: "",
  person: "●",
  alert: "▲",
  tour: "⟳",
  preset: "▤",
};

export function signOf(cell: WallCell): string {
  return `${cell.pinned ? "⚲" : ""}${SIGNS[cell.why]}`;
}

/** What is in a cell, why, by whom and until when. */
export function describeCell(
  cell: WallCell,
  camera: string | undefined,
  words: Words,
  person: (id: string) => string,
): string {
  const why = cell.why === "base" ? "" : words.say(`wall.why-${cell.why}`);
  const by = cell.by === null ? "" : words.say("wall.by", { name: person(cell.by) });
  const until =
    cell.untilMs === null ? "" : words.say("tile.until", { time: words.timeOfDay(cell.untilMs) });
  const pinned = cell.pinned ? words.say("wall.pinned") : "";
  const parts = [camera ?? words.say("console.empty"), why, by, until, pinned];
  return parts.filter((text) => text !== "").join(" · ");
}

export function nameOf(camera: Camera | undefined): string | undefined {
  return camera === undefined ? undefined : `${camera.number} ${camera.name}`;
}

/** The screens of a wall as they hang, each with its cells where they lie. */
export function layScreens(
  plan: Plan,
  into: HTMLElement,
  cellOf: (spot: Spot) => HTMLElement,
): readonly HTMLElement[] {
  const several = plan.screens.length > 1;
  const columns = Math.max(1, ...plan.screens.map(({ column }) => column + 1));
  into.style.gridTemplateColumns = `repeat(${columns}, minmax(0, 1fr))`;
  return plan.screens.map((screen) => {
    const cells = element("div", { class: "screen-cells", role: "group" });
    cells.ariaLabel = screen.name || plan.name;
    const { columns, rows, spans } = shapeOf(screen.layout, screen.cells.length);
    screen.cells.forEach((_, at) => {
      const span = spans[at];
      const cell = cellOf({ screen: screen.id, cell: at });
      if (span === undefined) return;
      const { style } = cell;
      style.left = `${(span.column / columns) * 100}%`;
      style.top = `${(span.row / rows) * 100}%`;
      style.width = `${(span.size / columns) * 100}%`;
      style.height = `${(span.size / rows) * 100}%`;
      cells.append(cell);
    });
    const box = element("div", { class: "screen", "data-screen": screen.id });
    box.style.gridColumn = String(screen.column + 1);
    box.style.gridRow = String(screen.row + 1);
    if (several) box.append(element("h3", {}, screen.name));
    box.append(cells);
    return box;
  });
}
