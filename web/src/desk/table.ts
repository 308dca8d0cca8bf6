//! Tables as the desk's tabs have them.

import { type Child, element } from "../dom";

export type Cell = Child | readonly Child[];

export function table(titles: readonly string[], rows: readonly (readonly Cell[])[]): HTMLElement {
  const head = element("tr", {}, ...titles.map((title) => element("th", { scope: "col" }, title)));
  const body = rows.map((row) => element("tr", {}, ...row.map((cell) => td(cell))));
  return element(
    "div",
    { class: "table" },
    element("table", {}, element("thead", {}, head), element("tbody", {}, ...body)),
  );
}

function td(cell: Cell): HTMLElement {
  return Array.isArray(cell) ? element("td", {}, ...cell) : element("td", {}, cell as Child);
}

/** A number that may not be known, with a unit. */
export function figure(value: number | null, unit = "", digits = 0): string {
  return value === null ? "–" : `${value.toFixed(digits)}${unit === "" ? "" : ` ${unit}`}`;
}

/** A title, then what belongs to it. */
export function section(title: string, ...children: readonly Child[]): HTMLElement {
  return element("section", { class: "card" }, element("h3", {}, title), ...children);
}
