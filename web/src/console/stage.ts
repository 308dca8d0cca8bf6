//! The grid of chosen cameras: draws what the scene says, with the wall's own drawing, pictures and
//! motion. Over the canvas lies one element per cell: it has the focus, is dragged and dropped on, and
//! says to a screen reader what the picture is.

import { element, fill, hide } from "../dom";
import { Board } from "../draw/board";
import { type Face, keyOf } from "../face";
import type { Grid } from "../grid";
import { write } from "../page";
import { Sight } from "../sight";
import type { TileWish } from "../sockets";
import type { Header } from "../wire/header";
import { byImportance, type VideoNotice } from "../wire/messages";
import { acceptDrops, beginDrag, type Dragged } from "./drag";
import { CELLS_MAX, type Place, placesOf, shapeOf } from "./layout";
import { cameraOf, type Scene } from "./scene";
import type { ConsoleShell } from "./shell";

/** A new layout settles before tiles of another width are asked for. */
const SETTLE_MS = 150;
/** Height of the strip below a picture, in the page's letters: as large as what is around it. */
const STRIP_EM = 1.6;
/** Tiles are not asked for wider than the service's ladder goes. */
const TILE_MAX = 1280;

export interface StageEvents {
  /** The operator did something to the scene here. */
  changed(): void;
  dropped(dragged: Dragged, cell: number): void;
}

interface CellView {
  readonly element: HTMLElement;
  readonly empty: HTMLElement;
  readonly turn: HTMLElement;
}

export class Stage {
  private readonly canvas = element("canvas", { "aria-hidden": "true" });
  private readonly over = element("div", { class: "cells", role: "grid" });
  private readonly row = element("div", { role: "row" });
  private readonly box: HTMLElement;
  private readonly views: readonly CellView[];
  private readonly board: Board;
  private readonly sight: Sight;
  private readonly wishes: Sight["wishes"];
  /** What is drawn: the cameras of the places, from the first on. */
  private drawn: readonly (string | null)[] = [];
  private places: readonly Place[] = [];
  private readonly faces = new Map<string, Face>();
  private subscribed = "";
  private settling: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly shell: ConsoleShell,
    private readonly scene: Scene,
    private readonly events: StageEvents,
  ) {
    const { words, theme } = shell;
    this.over.ariaLabel = words.say("console.grid");
    this.over.append(this.row);
    this.box = element("div", { class: "stage" }, this.canvas, this.over);
    this.views = Array.from({ length: CELLS_MAX }, (_, at) => this.makeCell(at));
    this.sight = new Sight(
      words,
      () => shell.screenNow(),
      () => shell.serverNow(),
      (site) => shell.census.sites.name(site),
      {
        judge: (id) => this.judge(id, shell.screenNow()),
        touch: (id) => this.touch(id),
        moved: (id) => this.touch(id),
      },
    );
    this.wishes = this.sight.wishes;
    this.wishes.on = new URLSearchParams(location.search).get("motion") !== "0";
    this.board = new Board(this.canvas, theme, (index) => this.art(index), { cell: () => {} });
    this.board.smooth = true;
    new ResizeObserver(() => this.lay()).observe(this.box);
  }

  get element(): HTMLElement {
    return this.box;
  }

  get motion(): boolean {
    return this.wishes.on;
  }

  set motion(on: boolean) {
    this.wishes.on = on;
    this.want();
  }

  focus(): void {
    this.views[this.scene.chosen]?.element.focus();
  }

  /** Whether the keyboard is on a cell. */
  get focused(): boolean {
    return this.box.contains(document.activeElement);
  }

  /** What a camera's picture says, in words; empty for one that is not shown. */
  headline(id: string): string {
    return this.faces.get(id)?.headline ?? "";
  }

  /** The scene, the size or the cameras are other ones: all is drawn anew. */
  lay(): void {
    const { scene } = this;
    const ratio = devicePixelRatio;
    const width = Math.max(1, Math.round(this.box.clientWidth * ratio));
    const height = Math.max(1, Math.round(this.box.clientHeight * ratio));
    const gap = Math.max(2, Math.round(3 * ratio));
    const shape = shapeOf(scene.large ? "1x1" : scene.layout, 0);
    const letter = Number.parseFloat(getComputedStyle(this.box).fontSize);
    const room = { width, height, gap, strip: Math.round(STRIP_EM * letter * ratio) };
    this.places = placesOf(shape, room);
    this.drawn = scene.large ? [scene.camera] : scene.shown;
    this.board.lay(allInSight(this.drawn.length, height), this.drawn.length, width, height, 0);
    const shown = new Set(scene.shown.flatMap((id) => id ?? []));
    this.sight.pictures.sight(shown);
    for (const id of [...this.faces.keys()]) if (!shown.has(id)) this.faces.delete(id);
    const at = this.shell.screenNow();
    for (const id of shown) this.judge(id, at);
    this.showCells();
    this.want();
    clearTimeout(this.settling);
    this.settling = setTimeout(() => this.subscribe(), SETTLE_MS);
    document.body.dataset.layout = scene.layout;
    document.body.dataset.large = scene.large ? (scene.camera ?? "") : "";
    document.body.dataset.cells = scene.shown.map((id) => id ?? "").join(" ");
  }

  /** Four times a second. */
  tick(everyMs: number): void {
    const at = this.shell.screenNow();
    for (const id of this.scene.shown) if (id !== null) this.judge(id, at);
    if (this.wishes.tick(everyMs)) this.subscribe();
    document.body.dataset.motionCells = String(this.wishes.motion.moving);
    this.showCells();
  }

  tile(id: string, header: Header, jpeg: Uint8Array<ArrayBuffer>, connection: number): void {
    if (!this.scene.shown.includes(id)) return;
    const { shell } = this;
    this.sight.pictures.arrive(id, header, jpeg, connection, shell.screenNow(), shell.serverNow());
  }

  video(id: string, header: Header, payload: Uint8Array<ArrayBuffer>, connection: number): void {
    this.wishes.motion.take(id, header, payload, connection);
  }

  lane(notice: VideoNotice): void {
    this.wishes.motion.notice(notice);
  }

  /** A camera is not there any more. */
  forget(id: string): void {
    this.sight.forget(id);
  }

  /** The media socket is new: it knows of no wishes. */
  subscribeAnew(): void {
    this.subscribed = "";
    this.subscribe();
  }

  private subscribe(): void {
    const { scene, wishes } = this;
    const widths = new Map<number, string[]>();
    const large = scene.large ? scene.camera : null;
    scene.shown.forEach((id, at) => {
      if (id === null) return;
      // Behind a large picture the others stay as small as they can be: they are for the way back.
      const wide = scene.large ? 320 : (this.places[at]?.rect.width ?? 320);
      const width = Math.min(TILE_MAX, id === large ? TILE_MAX : wide);
      const there = widths.get(width);
      if (there === undefined) widths.set(width, [id]);
      else if (!there.includes(id)) there.push(id);
    });
    const tiles: TileWish[] = [...widths].map(([width, cameras]) => ({ cameras, width }));
    const { highRate, video } = wishes;
    if (highRate.length > 0) tiles.push({ cameras: highRate, width: TILE_MAX, rate: "high" });
    // Told again, the service would send every newest picture again.
    const key = JSON.stringify([tiles, video]);
    if (key === this.subscribed) return;
    this.subscribed = key;
    this.shell.sockets.subscribe(tiles, video);
  }

  private want(): void {
    const { scene, wishes } = this;
    const { camera, large } = scene;
    const cells = scene.shown.flatMap((id) => id ?? []);
    const shown = byImportance(cells, (id) => this.shell.census.camera(id));
    const first = camera === null ? shown : [camera, ...shown.filter((id) => id !== camera)];
    const widest = [...this.places].sort((a, b) => b.rect.width - a.rect.width)[0];
    const place = { width: widest?.rect.width ?? 1, height: widest?.pictureHeight ?? 1 };
    const behind = large ? [] : first;
    if (wishes.want(wishes.on ? behind : [], large ? camera : null, place)) this.subscribe();
  }

  private touch(id: string): void {
    this.drawn.forEach((shown, index) => {
      if (shown === id) this.board.touch(index);
    });
  }

  private art(index: number) {
    const id = this.drawn[index];
    const camera = id == null ? undefined : this.shell.census.camera(id);
    const face = id == null ? undefined : this.faces.get(id);
    const place = this.places[index];
    if (camera === undefined || face === undefined || place === undefined) return null;
    return {
      rect: place.rect,
      pictureHeight: place.pictureHeight,
      number: String(camera.number),
      name: camera.name,
      face,
      bitmap: this.sight.pictureIn(camera.id),
      focused: false,
      ratio: devicePixelRatio,
    };
  }

  /** Decides what a camera says; a cell that says something else is drawn. */
  private judge(id: string, at: number): void {
    const camera = this.shell.census.camera(id);
    if (camera === undefined) return;
    const face = this.sight.face(camera, at);
    const before = this.faces.get(id);
    this.faces.set(id, face);
    if (before === undefined || keyOf(before) !== keyOf(face)) this.touch(id);
  }

  /** The elements over the canvas: where the cells are and what they are called. */
  private showCells(): void {
    const { scene } = this;
    const ratio = devicePixelRatio;
    const visible = scene.large ? [scene.chosen] : this.drawn.map((_, at) => at);
    fill(
      this.row,
      visible.flatMap((at) => this.views[at]?.element ?? []),
    );
    visible.forEach((at, index) => {
      const view = this.views[at];
      const place = this.places[index];
      if (view === undefined || place === undefined) return;
      const { x, y, width, height } = place.rect;
      const { style } = view.element;
      style.left = `${x / ratio}px`;
      style.top = `${y / ratio}px`;
      style.width = `${width / ratio}px`;
      style.height = `${height / ratio}px`;
      this.describe(view, at);
    });
  }

  private describe(view: CellView, at: number): void {
    const { words, census } = this.shell;
    const cell = this.scene.cells[at] ?? null;
    const id = cameraOf(cell);
    const camera = id === null ? undefined : census.camera(id);
    const chosen = at === this.scene.chosen;
    const { element: box } = view;
    box.tabIndex = chosen ? 0 : -1;
    box.ariaSelected = String(chosen);
    box.draggable = id !== null;
    box.dataset.camera = id ?? "";
    hide(view.empty, id !== null && camera !== undefined);
    const gone = id !== null && camera === undefined;
    write(
      view.empty,
      gone ? words.say("console.gone", { id }) : words.say("console.cell", { n: at + 1 }),
    );
    const tour = cell !== null && cell.cameras.length > 1;
    hide(view.turn, !tour);
    const turn = { at: (cell?.at ?? 0) + 1, of: cell?.cameras.length ?? 0 };
    if (tour) write(view.turn, words.say("console.turn", { ...turn, s: cell.dwellMs / 1000 }));
    const face = id === null ? undefined : this.faces.get(id);
    const named =
      camera === undefined
        ? words.say("console.empty")
        : `${camera.number} ${camera.name} – ${face?.headline || words.say(`state.${camera.state}`)}`;
    const label = `${words.say("console.cell", { n: at + 1 })}: ${named}`;
    if (box.ariaLabel !== label) box.ariaLabel = label;
  }

  private makeCell(at: number): CellView {
    const empty = element("span", { class: "empty" });
    const turn = element("span", { class: "turn", hidden: true });
    const box = element("div", { class: "cell", role: "gridcell", tabindex: -1 }, empty, turn);
    box.dataset.cell = String(at);
    box.addEventListener("focus", () => this.choose(at));
    box.addEventListener("dblclick", () => {
      this.scene.choose(at);
      this.scene.enlarge(!this.scene.large);
      this.events.changed();
      this.focus();
    });
    box.addEventListener("dragstart", (event) => {
      const camera = this.scene.shown[at];
      const known = this.shell.census.camera(camera ?? "");
      if (known === undefined) return;
      const label = element("span", { class: "drag-label" }, `${known.number} ${known.name}`);
      document.body.append(label);
      setTimeout(() => label.remove());
      beginDrag(event, { camera: known.id, gridCell: at }, label);
    });
    acceptDrops(box, (dragged) => this.events.dropped(dragged, at));
    return { element: box, empty, turn };
  }

  private choose(at: number): void {
    if (at === this.scene.chosen) return;
    this.scene.choose(at);
    this.events.changed();
  }
}

/**
 * A grid for the board in which every cell is in sight: nothing scrolls here. Its own places are beside
 * the canvas, where the frames of empty cells go: here these are elements.
 */
function allInSight(cells: number, height: number): Grid {
  const columns = Math.max(1, cells);
  const tall = { pictureHeight: height, stripHeight: 0, height };
  return { columns, rows: 1, tileWidth: 1, gap: 0, left: -2 * columns, top: 0, ...tall };
}
