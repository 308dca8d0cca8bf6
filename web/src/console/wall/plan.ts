//! A wall as the service tells it: its screens, where they hang, and what is in each cell and why.

import { list, object, readText, readTime, readU32 } from "../../wire/json";

export const WHYS = ["base", "person", "alert", "tour", "preset"] as const;
/** Who put it there: the configuration, a person, an alert, a tour, or a preset. */
export type Why = (typeof WHYS)[number];

export interface WallCell {
  /** `null`: nothing is there. */
  readonly handle: number | null;
  readonly why: Why;
  readonly pinned: boolean;
  readonly by: string | null;
  readonly alert: string | null;
  readonly untilMs: number | null;
}

export interface Screen {
  readonly id: string;
  readonly name: string;
  /** Its place on the wall, from the top left. */
  readonly column: number;
  readonly row: number;
  readonly layout: string;
  readonly cells: readonly WallCell[];
}

export interface Preset {
  readonly id: string;
  readonly name: string;
}

export interface Plan {
  readonly id: string;
  readonly name: string;
  readonly revision: number;
  readonly screens: readonly Screen[];
  readonly presets: readonly Preset[];
  readonly preset: string | null;
  /** Cameras that a commander hides. */
  readonly blocked: readonly number[];
}

const SCREENS_MAX = 64;
const CELLS_MAX = 4096;
const PRESETS_MAX = 200;

/** A wall, or `undefined` if it says neither which it is nor what it shows. */
export function readPlan(json: unknown): Plan | undefined {
  const fields = object(json);
  const id = readText(fields?.id) ?? "";
  if (fields === undefined || id === "") return undefined;
  const screens = list(fields.screens)
    .slice(0, SCREENS_MAX)
    .flatMap((entry) => readScreen(entry) ?? []);
  const only = screens.length > 0 ? screens : wholeWall(fields.cells);
  if (only.length === 0) return undefined;
  return {
    id,
    name: readText(fields.name) || id,
    revision: readU32(fields.revision) ?? 0,
    screens: [...only].sort((a, b) => a.row - b.row || a.column - b.column),
    presets: list(fields.presets)
      .slice(0, PRESETS_MAX)
      .flatMap((entry) => readPreset(entry) ?? []),
    preset: readText(fields.preset) ?? null,
    blocked: list(fields.blocked).flatMap((handle) => readU32(handle) ?? []),
  };
}

export function readPlans(json: unknown): readonly Plan[] {
  return list(json, "walls").flatMap((entry) => readPlan(entry) ?? []);
}

function readScreen(entry: unknown): Screen | undefined {
  const json = object(entry);
  const id = readText(json?.id) ?? "";
  if (json === undefined || id === "") return undefined;
  return {
    id,
    name: readText(json.name) || id,
    column: readU32(json.column) ?? 0,
    row: readU32(json.row) ?? 0,
    layout: readText(json.layout) || "grid",
    cells: list(json.cells).slice(0, CELLS_MAX).map(readCell),
  };
}

function readCell(entry: unknown): WallCell {
  const json = object(entry);
  return {
    handle: readU32(json?.camera) ?? null,
    why: WHYS.find((one) => one === json?.why) ?? "base",
    pinned: json?.pinned === true,
    by: readText(json?.by) ?? null,
    alert: readText(json?.alert) ?? null,
    untilMs: readTime(json?.until),
  };
}

function readPreset(entry: unknown): Preset | undefined {
  const id = readText(object(entry)?.id) ?? "";
  return id === "" ? undefined : { id, name: readText(object(entry)?.name) || id };
}

/** A wall without screens of its own is one. */
function wholeWall(cells: unknown): readonly Screen[] {
  if (!Array.isArray(cells)) return [];
  const shown = cells.slice(0, CELLS_MAX).map((camera) => readCell({ camera }));
  return [{ id: "all", name: "", column: 0, row: 0, layout: "grid", cells: shown }];
}

/** The screen by id, or by its place in reading order from 1, or by the beginning of its name. */
export function screenOf(plan: Plan, wish: string): Screen | undefined {
  const typed = wish.toLowerCase();
  const exact = plan.screens.find(({ id }) => id === typed);
  const placed = /^\d+$/.test(typed) ? plan.screens[Number(typed) - 1] : undefined;
  return exact ?? placed ?? plan.screens.find(({ id }) => id.startsWith(typed));
}
