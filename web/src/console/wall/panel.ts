//! The wall as a plan: its screens as they hang, what is in each cell and why, and what can be done
//! about it. Cameras are dropped onto cells, or pushed by key.

import type { Answer } from "../../api";
import { element, fill, hide } from "../../dom";
import type { Census } from "../../health/census";
import type { Key, Words } from "../../i18n";
import { write } from "../../page";
import type { Camera } from "../../wire/messages";
import { acceptDrops, beginDrag, type Dragged } from "../drag";
import type { Spot, WallCommand, WallDesk } from "./desk";
import { describeCell, layScreens, nameOf, signOf } from "./face";
import type { Plan, Screen, WallCell } from "./plan";
import { step } from "./step";

/** Layouts that a screen can be given here. */
const LAYOUTS = ["1x1", "2x2", "3x3", "4x4", "5x5", "6x6", "8x8", "10x10", "1+5", "1+7"] as const;

const ACTS: readonly (readonly [string, Key, string])[] = [
  ["push", "wall.push", "Enter"],
  ["pin", "wall.pin", "p"],
  ["clear", "wall.clear", "Del"],
  ["tour", "wall.tour", "t"],
  ["reset", "wall.reset", "r"],
  ["history", "wall.history", "h"],
];

export interface PanelEvents {
  /** The camera that is chosen in the grid. */
  chosen(): Camera | null;
  /** Cameras that the tree has found, for a tour. */
  found(): readonly Camera[];
  /** What a person is called. */
  person(id: string): string;
  /** A camera of the wall is wished for in the grid. */
  open(id: string): void;
  /** What this wall showed before is wished for. */
  history(wall: string): void;
}

interface CellView {
  readonly box: HTMLButtonElement;
  readonly sign: HTMLElement;
  readonly number: HTMLElement;
  readonly name: HTMLElement;
}

export class WallPanel {
  private readonly wall = element("select", { hidden: true });
  private readonly presets = element("select", { id: "preset" });
  private readonly layout = element("select", { id: "wall-layout" });
  private readonly screens = element("div", { class: "screens" });
  private readonly about = element("p", { class: "about", role: "status" });
  private readonly problem = element("p", { class: "problem", role: "alert", hidden: true });
  private readonly acts = new Map<string, HTMLButtonElement>();
  private readonly cells = new Map<string, CellView>();
  private byHandle = new Map<number, Camera>();
  private spot: Spot | null = null;
  private plan: Plan | null = null;
  private drawn = "";

  constructor(
    private readonly root: HTMLElement,
    private readonly words: Words,
    private readonly census: Census,
    private readonly desk: WallDesk,
    private readonly events: PanelEvents,
  ) {
    root.ariaLabel = words.say("wall.plan");
    const title = element("h2", {}, words.say("wall.plan"));
    const acts = element("div", { class: "acts" });
    for (const [act, key, short] of ACTS) {
      const button = element("button", { type: "button", "data-wall": act }, words.say(key), " ");
      button.append(element("kbd", { "aria-hidden": "true" }, short));
      button.addEventListener("click", () => this.act(act));
      this.acts.set(act, button);
      acts.append(button);
    }
    this.wall.ariaLabel = words.say("wall.which");
    this.presets.ariaLabel = words.say("wall.preset");
    this.layout.ariaLabel = words.say("wall.layout");
    this.wall.addEventListener("change", () => desk.choose(this.wall.value));
    this.presets.addEventListener("change", () => {
      const { value } = this.presets;
      if (value !== "") void this.order({ command: "preset", preset: value });
    });
    this.layout.addEventListener("change", () => {
      const { value } = this.layout;
      if (value === "" || this.spot === null) return;
      void this.order({ command: "layout", screen: this.spot.screen, layout: value });
    });
    const head = element(
      "div",
      { class: "head" },
      title,
      this.wall,
      this.presets,
      this.layout,
      acts,
    );
    root.append(head, this.problem, this.screens, this.about);
    this.screens.addEventListener("keydown", (event) => this.key(event));
  }

  focus(): void {
    this.view(this.spot)?.box.focus();
  }

  /** The chosen cell of the wall. */
  get chosen(): Spot | null {
    return this.spot;
  }

  /** Walls or cameras are other ones. */
  changed(): void {
    const { plan } = this.desk;
    this.plan = plan;
    hide(this.root, plan === null);
    if (plan === null) return;
    this.byHandle = new Map([...this.census.cameras].map((camera) => [camera.handle, camera]));
    const there = plan.screens.find(({ id }) => id === this.spot?.screen);
    if (there === undefined || (this.spot?.cell ?? 0) >= there.cells.length) {
      const first = plan.screens[0];
      this.spot = first === undefined ? null : { screen: first.id, cell: 0 };
    }
    this.drawChoices(plan);
    this.drawScreens(plan);
    for (const screen of plan.screens) this.showCells(screen, plan);
    this.tell();
  }

  /** Sends a command and says in words what became of it. */
  async order(command: WallCommand): Promise<Answer<Plan | undefined>> {
    const answer = await this.desk.order(command);
    const why = answer.ok ? "" : this.words.said(answer.why) || this.words.say("health.no-answer");
    hide(this.problem, answer.ok);
    write(this.problem, answer.ok ? "" : this.words.say("wall.refused", { why }));
    document.body.dataset.wallRevision = String(this.desk.plan?.revision ?? "");
    return answer;
  }

  private act(act: string): void {
    const { spot, plan } = this;
    if (act === "reset") void this.order({ command: "reset" });
    if (spot === null || plan === null) return;
    const cell = cellAt(plan, spot);
    const camera = this.events.chosen();
    switch (act) {
      case "history":
        this.events.history(plan.id);
        break;
      case "push":
        if (camera !== null) void this.order({ command: "show", camera: camera.id, ...spot });
        break;
      case "pin":
        void this.order({ command: cell?.pinned === true ? "unpin" : "pin", ...spot });
        break;
      case "clear":
        void this.order({ command: "clear", ...spot });
        break;
      case "tour": {
        const cameras = this.events.found().map(({ id }) => id);
        if (cameras.length > 0) void this.order({ command: "tour", ...spot, cameras, dwell_s: 10 });
        break;
      }
    }
  }

  private key(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const { plan, spot } = this;
    if (plan === null || spot === null) return;
    const ways = {
      ArrowLeft: "left",
      ArrowRight: "right",
      ArrowUp: "up",
      ArrowDown: "down",
    } as const;
    const way = ways[event.key as keyof typeof ways];
    const keys: Readonly<Record<string, string>> = {
      Enter: "push",
      p: "pin",
      Delete: "clear",
      Backspace: "clear",
      t: "tour",
      r: "reset",
      h: "history",
    };
    const act = keys[event.key];
    if (way !== undefined) this.choose(step(plan, spot, way));
    else if (event.key === "o") this.open(spot);
    else if (act !== undefined) this.act(act);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  private open(spot: Spot): void {
    const camera = this.cameraIn(spot);
    if (camera !== undefined) this.events.open(camera.id);
  }

  private choose(spot: Spot): void {
    this.spot = spot;
    this.changed();
    this.focus();
  }

  private cameraIn(spot: Spot): Camera | undefined {
    const handle = this.plan === null ? null : cellAt(this.plan, spot)?.handle;
    return handle == null ? undefined : this.byHandle.get(handle);
  }

  private view(spot: Spot | null): CellView | undefined {
    return spot === null ? undefined : this.cells.get(`${spot.screen} ${spot.cell}`);
  }

  private drawChoices(plan: Plan): void {
    const { words, desk } = this;
    hide(this.wall, desk.walls.length < 2);
    options(
      this.wall,
      desk.walls.map(({ id, name }) => [id, name]),
      plan.id,
    );
    const presets = plan.presets.map(({ id, name }) => [id, name] as const);
    hide(this.presets, presets.length === 0);
    options(this.presets, [["", words.say("wall.no-preset")], ...presets], plan.preset ?? "");
    const screen = plan.screens.find(({ id }) => id === this.spot?.screen);
    const now = screen?.layout ?? "";
    const known = LAYOUTS.some((one) => one === now);
    const layouts = LAYOUTS.map((one) => [one, one.replace("x", " × ")] as const);
    options(this.layout, known ? layouts : [[now, words.say("wall.grid")], ...layouts], now);
  }

  /** Screens and cells as elements; made anew only when there are others. */
  private drawScreens(plan: Plan): void {
    const key = JSON.stringify(plan.screens.map((one) => [one.id, one.layout, one.cells.length]));
    const same = key === this.drawn;
    this.drawn = key;
    if (same) return;
    this.cells.clear();
    fill(
      this.screens,
      layScreens(plan, this.screens, (spot) => this.makeCell(spot).box),
    );
  }

  private makeCell(spot: Spot): CellView {
    const view: CellView = {
      box: element("button", { type: "button", class: "wall-cell", tabindex: -1 }),
      sign: element("span", { class: "why", "aria-hidden": "true" }),
      number: element("b"),
      name: element("span", { class: "name" }),
    };
    view.box.append(view.sign, view.number, view.name);
    view.box.dataset.spot = `${spot.screen} ${spot.cell}`;
    view.box.addEventListener("click", () => this.choose(spot));
    view.box.addEventListener("dblclick", () => this.open(spot));
    view.box.addEventListener("dragstart", (event) => {
      const camera = this.cameraIn(spot);
      if (camera === undefined) event.preventDefault();
      else beginDrag(event, { camera: camera.id, wallCell: spot }, view.box);
    });
    acceptDrops(view.box, (dragged) => this.dropped(dragged, spot));
    this.cells.set(view.box.dataset.spot, view);
    return view;
  }

  private dropped(dragged: Dragged, to: Spot): void {
    this.spot = to;
    const from = dragged.wallCell;
    if (from === undefined) void this.order({ command: "show", camera: dragged.camera, ...to });
    else if (from.screen !== to.screen || from.cell !== to.cell) {
      void this.order({ command: "swap", from, to });
    }
  }

  private showCells(screen: Screen, plan: Plan): void {
    const { words } = this;
    screen.cells.forEach((cell, at) => {
      const spot = { screen: screen.id, cell: at };
      const view = this.view(spot);
      if (view === undefined) return;
      const camera = cell.handle === null ? undefined : this.byHandle.get(cell.handle);
      const chosen = spot.screen === this.spot?.screen && at === this.spot.cell;
      const { box } = view;
      box.tabIndex = chosen ? 0 : -1;
      box.ariaPressed = String(chosen);
      box.draggable = camera !== undefined;
      box.dataset.why = cell.why;
      box.dataset.pinned = String(cell.pinned);
      box.classList.toggle("blocked", cell.handle !== null && plan.blocked.includes(cell.handle));
      write(view.sign, signOf(cell));
      write(view.number, camera === undefined ? "·" : String(camera.number));
      write(view.name, camera?.name ?? "");
      const label = `${words.say("console.cell", { n: at + 1 })}: ${this.describe(cell, camera)}`;
      if (box.ariaLabel !== label) {
        box.ariaLabel = label;
        box.title = label;
      }
    });
  }

  private describe(cell: WallCell, camera: Camera | undefined): string {
    return describeCell(cell, nameOf(camera), this.words, (id) => this.events.person(id));
  }

  /** What is in the chosen cell, and what can be done there. */
  private tell(): void {
    const { plan, spot } = this;
    if (plan === null || spot === null) return;
    const screen = plan.screens.find(({ id }) => id === spot.screen);
    const cell = cellAt(plan, spot);
    if (screen === undefined || cell === undefined) return;
    const place = [screen.name, this.words.say("console.cell", { n: spot.cell + 1 })];
    const where = place.filter((text) => text !== "").join(", ");
    write(this.about, `${where}: ${this.describe(cell, this.cameraIn(spot))}`);
    const pin = this.acts.get("pin");
    if (pin !== undefined) pin.ariaPressed = String(cell.pinned);
  }
}

function cellAt(plan: Plan, { screen, cell }: Spot): WallCell | undefined {
  return plan.screens.find(({ id }) => id === screen)?.cells[cell];
}

/** Makes a select's options these; one that is open is not disturbed. */
function options(
  select: HTMLSelectElement,
  choices: readonly (readonly [string, string])[],
  value: string,
): void {
  const key = JSON.stringify(choices);
  if (select.dataset.choices !== key) {
    select.dataset.choices = key;
    fill(
      select,
      choices.map(([id, name]) => element("option", { value: id }, name)),
    );
  }
  if (select.value !== value && document.activeElement !== select) select.value = value;
}
