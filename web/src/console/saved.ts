//! Saved layouts: with the operator's account where the service keeps such things, and in this
//! browser at once, so that nothing is lost while the service cannot be reached.

import type { Shelf } from "../alert/outbox";
import { ask } from "../api";
import { list, object, readText } from "../wire/json";
import { CELLS_MAX, isLayout } from "./layout";
import { DWELL_MIN_MS, DWELL_MS, type Setting, TOUR_MAX } from "./scene";

export interface Saved extends Setting {
  readonly name: string;
}

const LAYOUTS = "watchwall.console.layouts";
const NOW = "watchwall.console.now";
const PATH = "session/preferences/layouts";
/** Salvos beyond nine have no key; more than these nobody finds again. */
export const SAVED_MAX = 60;
/** The service keeps no more of an account's; what it refused would be gone at the next visit. */
const BYTES_MAX = 64 << 10;
const NAME_MAX = 40;

export class SavedLayouts {
  private kept: readonly Saved[];

  constructor(
    private readonly shelf: Shelf,
    private readonly changed: () => void,
  ) {
    this.kept = readSavedList(parse(shelf.get(LAYOUTS)));
  }

  get all(): readonly Saved[] {
    return this.kept;
  }

  /** By name, in any spelling of case; or by its place, from 1. */
  find(wish: string): Saved | undefined {
    const name = wish.trim().toLowerCase();
    const named = this.kept.find((one) => one.name.toLowerCase() === name);
    return named ?? (/^\d{1,2}$/.test(name) ? this.kept[Number(name) - 1] : undefined);
  }

  /** Saves under a name; one of that name is replaced in its place. `undefined`: there is no room. */
  save(name: string, setting: Setting): Saved | undefined {
    const short = readText(name)?.slice(0, NAME_MAX) ?? "";
    if (short === "") return undefined;
    const saved = { name: short, ...setting };
    const at = this.kept.findIndex((one) => one.name.toLowerCase() === short.toLowerCase());
    const kept = at < 0 ? [...this.kept, saved] : this.kept.with(at, saved);
    if (kept.length > SAVED_MAX || new Blob([write(kept)]).size > BYTES_MAX) return undefined;
    this.keep(kept);
    return saved;
  }

  remove(name: string): void {
    this.keep(this.kept.filter((one) => one.name !== name));
  }

  /** What the service has counts; where it keeps nothing, this browser's stay. */
  async fetch(): Promise<void> {
    const answer = await ask(PATH, readSavedList);
    if (!answer.ok || answer.value.length === 0) return;
    this.kept = answer.value;
    this.shelf.set(LAYOUTS, write(this.kept));
    this.changed();
  }

  /** The grid as it was when the page was left. */
  get last(): Setting | undefined {
    return readSetting(parse(this.shelf.get(NOW)));
  }

  set last(setting: Setting) {
    this.shelf.set(NOW, JSON.stringify(writeSetting(setting)));
  }

  private keep(kept: readonly Saved[]): void {
    this.kept = kept;
    const text = write(kept);
    this.shelf.set(LAYOUTS, text);
    // A service that keeps no preferences refuses; then this browser has them all the same.
    const headers = { "content-type": "application/json" };
    void ask(PATH, () => null, { method: "PUT", headers, body: text });
    this.changed();
  }
}

export function readSavedList(json: unknown): readonly Saved[] {
  return list(json, "layouts", "value")
    .slice(0, SAVED_MAX)
    .flatMap((entry) => {
      const name = readText(object(entry)?.name, NAME_MAX) ?? "";
      const setting = readSetting(entry);
      return name === "" || setting === undefined ? [] : [{ name, ...setting }];
    });
}

export function readSetting(json: unknown): Setting | undefined {
  const fields = object(json);
  const layout = fields?.layout;
  if (fields === undefined || !isLayout(layout)) return undefined;
  const cells = list(fields.cells)
    .slice(0, CELLS_MAX)
    .map((entry) => {
      const cameras = list(object(entry)?.cameras)
        .slice(0, TOUR_MAX)
        .filter((id): id is string => typeof id === "string" && /^[a-z0-9-]{1,64}$/.test(id));
      const dwell = object(entry)?.dwell_s;
      const known = typeof dwell === "number" && Number.isFinite(dwell);
      const dwellMs = known ? Math.max(DWELL_MIN_MS, dwell * 1000) : DWELL_MS;
      return cameras.length === 0 ? null : { cameras, dwellMs };
    });
  return { layout, cells };
}

function write(kept: readonly Saved[]): string {
  return JSON.stringify(kept.map((one) => ({ name: one.name, ...writeSetting(one) })));
}

function writeSetting({ layout, cells }: Setting): object {
  const written = cells.map((cell) => {
    return cell === null ? null : { cameras: cell.cameras, dwell_s: cell.dwellMs / 1000 };
  });
  return { layout, cells: written };
}

function parse(text: string | null): unknown {
  try {
    return JSON.parse(text ?? "null");
  } catch {
    return null;
  }
}
