//! What a wall showed at a moment: its plan, and each cell that is not the wall's own in words.

import type { Spot } from "../console/wall/desk";
import { describeCell, layScreens, signOf } from "../console/wall/face";
import type { WallCell } from "../console/wall/plan";
import { type Child, element, fill } from "../dom";
import type { Words } from "../i18n";
import type { Camera } from "../wire/messages";
import type { Showing } from "./past";

/** Who knows what there is. */
export interface Known {
  camera(handle: number): Camera | undefined;
  person(id: string): string;
  /** Where an alert can be read. */
  alert(id: string): string;
}

export class ShowingView {
  readonly element = element("div", { class: "then region" });
  private readonly screens = element("div", { class: "screens" });
  private readonly table = element("section", { class: "cells" });

  constructor(private readonly words: Words) {
    this.element.append(this.screens, this.table);
  }

  show(showing: Showing, known: Known): void {
    const { words } = this;
    const { plan } = showing;
    const cellAt = ({ screen, cell }: Spot): WallCell | undefined =>
      plan.screens.find(({ id }) => id === screen)?.cells[cell];
    const cameraIn = (spot: Spot): { readonly number: string; readonly name: string } | null => {
      const handle = cellAt(spot)?.handle ?? null;
      const camera = handle === null ? undefined : known.camera(handle);
      if (camera !== undefined) return { number: String(camera.number), name: camera.name };
      const id = showing.gone.get(`${spot.screen} ${spot.cell}`);
      return id === undefined ? null : { number: "?", name: words.say("replay.gone", { id }) };
    };
    fill(
      this.screens,
      layScreens(plan, this.screens, (spot) => {
        const cell = cellAt(spot);
        const camera = cameraIn(spot);
        const box = element("div", { class: "wall-cell" });
        box.dataset.spot = `${spot.screen} ${spot.cell}`;
        if (cell === undefined) return box;
        box.dataset.why = cell.why;
        box.dataset.pinned = String(cell.pinned);
        box.append(
          element("span", { class: "why", "aria-hidden": "true" }, signOf(cell)),
          element("b", {}, camera?.number ?? "·"),
          element("span", { class: "name" }, camera?.name ?? ""),
        );
        const what = camera === null ? undefined : `${camera.number} ${camera.name}`;
        box.title = describeCell(cell, what, words, (id) => known.person(id));
        return box;
      }),
    );
    const several = plan.screens.length > 1;
    const rows = plan.screens.flatMap((screen) =>
      screen.cells.flatMap((cell, at) => {
        if (cell.why === "base" && !cell.pinned && cell.alert === null) return [];
        const camera = cameraIn({ screen: screen.id, cell: at });
        const place = words.say("console.cell", { n: at + 1 });
        const row: readonly Child[] = [
          several ? `${screen.name}, ${place}` : place,
          camera === null ? words.say("console.empty") : `${camera.number} ${camera.name}`,
          this.why(cell, known),
          cell.by === null ? "–" : known.person(cell.by),
          cell.untilMs === null ? "–" : words.dayAndTime(cell.untilMs),
        ];
        return [row];
      }),
    );
    this.tell(rows);
  }

  private why(cell: WallCell, known: Known): HTMLElement {
    const { words } = this;
    const said = cell.why === "base" ? "" : `${words.say(`wall.why-${cell.why}`)} `;
    const pinned = cell.pinned ? `⚲ ${words.say("wall.pinned")} ` : "";
    const box = element("span", {}, `${said}${pinned}`);
    if (cell.alert !== null) {
      box.append(element("a", { href: known.alert(cell.alert) }, words.say("column.alert")));
    }
    return box;
  }

  private tell(rows: readonly (readonly Child[])[]): void {
    const { words } = this;
    const title = element("h2", {}, words.say("replay.cells"));
    if (rows.length === 0) {
      const none = element("p", { class: "none" }, words.say("replay.all-base"));
      fill(this.table, [title, none]);
      return;
    }
    const titles = ["place", "camera", "why", "by", "until"] as const;
    const heads = titles.map((one) =>
      element("th", { scope: "col" }, words.say(`replay.column-${one}`)),
    );
    const lines = rows.map((row) => element("tr", {}, ...row.map((one) => element("td", {}, one))));
    const body = element("tbody", {}, ...lines);
    const table = element("table", {}, element("thead", {}, element("tr", {}, ...heads)), body);
    fill(this.table, [title, table]);
  }
}
