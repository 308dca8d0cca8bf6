//! What orders of the command line do: to the grid, to the wall, to the log.

import { searchable } from "../fold";
import type { Words } from "../i18n";
import type { Camera } from "../wire/messages";
import type { Colleagues } from "./colleagues";
import type { Order } from "./command";
import type { Journal } from "./journal";
import type { Layout } from "./layout";
import { type Preview, whoIsThere } from "./preview";
import type { SavedLayouts } from "./saved";
import { DWELL_MS, type Scene } from "./scene";
import type { ConsoleShell } from "./shell";
import { takeSnapshot } from "./snapshot";
import type { WallCommand, WallDesk } from "./wall/desk";
import type { WallPanel } from "./wall/panel";
import { type Preset, type Screen, screenOf } from "./wall/plan";

/** The parts that orders are about, and what the page does for them. */
export interface Hands {
  readonly shell: ConsoleShell;
  readonly scene: Scene;
  readonly saved: SavedLayouts;
  readonly journal: Journal;
  readonly walls: WallDesk;
  readonly panel: WallPanel;
  readonly colleagues: Colleagues;
  /** Cameras that the search has found. */
  found(): readonly Camera[];
  open(camera: Camera, large: boolean): void;
  arrange(layout: Layout): void;
  recall(name: string): void;
  find(text: string): void;
  help(): void;
  /** The scene is another one. */
  changed(): void;
  say(text: string, problem?: boolean): void;
}

export class Orders {
  /** What the command line's preview may ask. */
  readonly known: Preview = {
    camera: (number) => this.numbered(number),
    chosen: () => this.camera,
    found: () => this.hands.found().length,
    saved: (name) => this.hands.saved.find(name)?.name,
    preset: (name) => this.presetOf(name)?.name,
    wall: () => this.hands.walls.plan?.name,
    colleague: (wish) => this.hands.colleagues.find(wish)?.name,
    colleagues: () => this.hands.colleagues.names,
    screen: (name) => this.screenOf(name)?.name,
  };

  private held: string | null | undefined;

  constructor(private readonly hands: Hands) {}

  private get words(): Words {
    return this.hands.shell.words;
  }

  /** The camera that orders are about: that of the chosen cell, or what that was at `hold`. */
  get camera(): Camera | null {
    const camera = this.held === undefined ? this.hands.scene.camera : this.held;
    return camera === null ? null : (this.hands.shell.census.camera(camera) ?? null);
  }

  /** Somebody writes about what they see now: what an alert brings up meanwhile is not meant. */
  hold(): void {
    this.held = this.hands.scene.camera;
  }

  release(): void {
    this.held = undefined;
  }

  private numbered(number: number): Camera | undefined {
    for (const camera of this.hands.shell.census.cameras)
      if (camera.number === number) return camera;
    return undefined;
  }

  private presetOf(wish: string): Preset | undefined {
    const typed = wish.trim().toLowerCase();
    const presets = this.hands.walls.plan?.presets ?? [];
    const named = presets.find(({ id, name }) => id === typed || name.toLowerCase() === typed);
    return named ?? (/^\d{1,2}$/.test(typed) ? presets[Number(typed) - 1] : undefined);
  }

  private screenOf(wish: string): Screen | undefined {
    const { plan } = this.hands.walls;
    return plan === null ? undefined : screenOf(plan, wish);
  }

  async run(order: Order): Promise<void> {
    const { words } = this;
    switch (order.do) {
      case "call": {
        const camera = this.numbered(order.number);
        if (camera !== undefined) this.hands.open(camera, false);
        else this.hands.say(words.say("console.no-camera", { n: order.number }), true);
        return;
      }
      case "push":
        return this.push(order);
      case "hand":
        return this.hand(order);
      case "layout":
        return this.hands.arrange(order.layout);
      case "tour":
        return this.tour(order.numbers, order.dwellS);
      case "save": {
        const saved = this.hands.saved.save(order.text, this.hands.scene.setting);
        const key = saved === undefined ? "console.not-saved" : "console.was-saved";
        return this.hands.say(words.say(key, { name: order.text }), saved === undefined);
      }
      case "recall":
        if (this.hands.saved.find(order.text) !== undefined) return this.hands.recall(order.text);
        return this.hands.say(words.say("console.no-layout", { name: order.text }), true);
      case "preset": {
        const preset = this.presetOf(order.text);
        if (preset !== undefined) return this.wall({ command: "preset", preset: preset.id });
        return this.hands.say(words.say("wall.unknown-preset", { name: order.text }), true);
      }
      case "fill":
        return this.fill(order.text);
      case "keep": {
        const said = words.say("wall.kept", { name: order.text });
        return this.wall({ command: "keep", id: slugOf(order.text), name: order.text }, said);
      }
      case "reset":
        return this.wall({ command: "reset" });
      case "note":
        return this.note("operator-log", order.text);
      case "bookmark":
        return this.note("bookmark", order.text);
      case "snapshot":
        return this.snapshot();
      case "help":
        return this.hands.help();
      case "find":
        return this.hands.find(order.text);
    }
  }

  /** The camera of this number, or the chosen one; said on the line if there is none. */
  private meant(number: number | null): Camera | null {
    const camera = number === null ? this.camera : this.numbered(number);
    if (camera !== undefined && camera !== null) return camera;
    const key = number === null ? "console.no-chosen" : "console.no-camera";
    this.hands.say(this.words.say(key, { n: number ?? "" }), true);
    return null;
  }

  /** Shows a colleague a camera. */
  private async hand({ number, to }: Extract<Order, { do: "hand" }>): Promise<void> {
    const { words } = this;
    const { colleagues, say } = this.hands;
    const camera = this.meant(number);
    if (camera === null) return;
    await colleagues.fetch();
    const found = colleagues.find(to);
    if (found === undefined) return say(whoIsThere(to, colleagues.names, words), true);
    const answer = await colleagues.send(found.id, camera.id);
    const told = { camera: `${camera.number} ${camera.name}`, name: found.name };
    if (answer.ok) return say(words.say("console.was-handed", told));
    say(
      words.say("health.failed", { why: words.said(answer.why) || words.say("health.no-answer") }),
      true,
    );
  }

  private async push(order: Extract<Order, { do: "push" }>): Promise<void> {
    const { words } = this;
    const camera = this.meant(order.number);
    if (camera === null) return;
    const screen = order.screen === null ? null : this.screenOf(order.screen);
    if (screen === undefined) {
      return this.hands.say(words.say("wall.unknown-screen", { name: order.screen ?? "" }), true);
    }
    // A cell without a screen is one of the screen that is chosen in the plan.
    const where = screen?.id ?? (order.cell === null ? undefined : this.hands.panel.chosen?.screen);
    const spot = {
      ...(where === undefined ? {} : { screen: where }),
      ...(order.cell === null ? {} : { cell: order.cell - 1 }),
    };
    const said = words.say("wall.pushed", { camera: `${camera.number} ${camera.name}` });
    return this.wall({ command: "show", camera: camera.id, ...spot }, said);
  }

  /** The grid as it is, on a screen of the wall. */
  private async fill(name: string): Promise<void> {
    const { words } = this;
    const cameras = this.hands.scene.shown.flatMap((id) => id ?? []);
    const screen = this.screenOf(name);
    if (screen === undefined) {
      return this.hands.say(words.say("wall.unknown-screen", { name }), true);
    }
    if (cameras.length === 0) return this.hands.say(words.say("console.no-chosen"), true);
    return this.wall({ command: "fill", screen: screen.id, cameras });
  }

  /** Drives the wall, and says on the line what became of it. */
  private async wall(command: WallCommand, said = this.words.say("wall.done")): Promise<void> {
    const { words } = this;
    const answer = await this.hands.panel.order(command);
    const why = answer.ok ? "" : words.said(answer.why) || words.say("health.no-answer");
    this.hands.say(answer.ok ? said : words.say("wall.refused", { why }), !answer.ok);
  }

  private tour(numbers: readonly number[], dwellS: number | null): void {
    const { words } = this;
    const named = numbers.map((number) => this.numbered(number));
    const missing = numbers.filter((_, at) => named[at] === undefined);
    if (missing.length > 0) {
      this.hands.say(words.say("console.no-camera", { n: missing.join(", ") }), true);
      return;
    }
    const cameras = numbers.length === 0 ? this.hands.found() : named.flatMap((one) => one ?? []);
    const ids = cameras.map(({ id }) => id);
    const dwellMs = dwellS === null ? DWELL_MS : dwellS * 1000;
    this.hands.scene.tour(this.hands.scene.chosen, ids, dwellMs, this.hands.shell.screenNow());
    this.hands.changed();
    this.hands.say(words.say("console.touring", { n: ids.length, s: dwellMs / 1000 }));
  }

  private async note(kind: "operator-log" | "bookmark", text: string): Promise<void> {
    const { words, camera } = this;
    const { journal, shell } = this.hands;
    const why = await journal.write(kind, text, camera?.id ?? null, shell.operator);
    const key = kind === "bookmark" ? "console.bookmarked" : "console.noted";
    if (why === null) this.hands.say(words.say(key));
    else this.hands.say(words.say("health.failed", { why }), true);
  }

  async snapshot(): Promise<void> {
    const { words, camera } = this;
    const { shell } = this.hands;
    if (camera === null) return this.hands.say(words.say("console.no-chosen"), true);
    const site = camera.site === null ? "" : shell.census.sites.path(camera.site).join(" › ");
    const stamp = { camera, site, operator: shell.operator, savedMs: shell.now() };
    const taken = await takeSnapshot(stamp, words);
    const said = `${camera.number} ${camera.name}`;
    const key = taken === null ? "console.no-snapshot" : "console.snapshot-saved";
    this.hands.say(words.say(key, { camera: said }), taken === null);
  }
}

/** An id as the service has them, of a name as people write it. */
export function slugOf(name: string): string {
  const letters = searchable(name).replace(/[^a-z0-9]+/g, "-");
  return letters.replace(/^-+|-+$/g, "").slice(0, 64) || "preset";
}
