//! The fields of cameras and walls in JSON, each checked for type, range and length.

import { readOrder, readRung, readStanding } from "./health";
import { type Json, readText, readTime, readU32, SENTENCE_MAX } from "./json";
import type { Camera, MainStream, State } from "./messages";

/** The classes of cameras, the most important first. */
export const IMPORTANCE = ["high", "normal", "low"] as const;
export type Importance = (typeof IMPORTANCE)[number];

/** The fields of a camera that a message carried. */
export type CameraField = { -readonly [K in keyof Camera]?: Camera[K] };

export interface Wall {
  readonly id: string;
  readonly name: string | null;
  readonly revision: number;
  /** Camera handles in reading order. */
  readonly cells: readonly number[];
  /** Its screens; a service that knows none leaves them out. */
  readonly screens?: readonly WallScreen[];
}

/** One browser of a wall. */
export interface WallScreen {
  readonly id: string;
  readonly name: string | null;
  /** `grid`, columns and rows as `4x3`, `1+5` or `1+7`. */
  readonly layout: string;
  readonly cells: readonly WallCell[];
}

export interface WallCell {
  /** The camera's handle; `null`: the cell is empty. */
  readonly camera: number | null;
  readonly why: string;
  /** The alert that took it, or that its camera has. */
  readonly alert: string | null;
}

/** More cells than any wall shows; a longer list is cut so that a bad message cannot fill memory. */
const CELLS_MAX = 4096;
/** Screens of a wall: more than fit into a hall. */
const SCREENS_MAX = 256;
const LAYOUT = /^(grid|1\+5|1\+7|([1-9]|1[0-2])x([1-9]|1[0-2]))$/;
const STATES: ReadonlySet<string> = new Set<State>([
  "connecting",
  "waiting-keyframe",
  "waiting-parameters",
  "online",
  "stalled",
  "offline",
  "suspect",
  "maintenance",
]);

/** Takes the fields that are there and well-formed; the others keep what they were. */
export function readCamera(entry: unknown): CameraField {
  if (typeof entry !== "object" || entry === null) return {};
  const json = entry as Json;
  const fields: CameraField = {};
  const id = json.id;
  if (typeof id === "string" && /^[a-z0-9-]{1,64}$/.test(id)) fields.id = id;
  const handle = readU32(json.handle);
  if (handle !== undefined) fields.handle = handle;
  const number = readU32(json.number);
  if (number !== undefined) fields.number = number;
  const name = readText(json.name);
  if (name !== undefined && name !== null) fields.name = name;
  const site = readText(json.site);
  if (site !== undefined) fields.site = site;
  const state = json.state;
  // A state this page does not know is not "online": it must never look live by accident.
  if (typeof state === "string") fields.state = STATES.has(state) ? (state as State) : "unknown";
  const conditions = json.conditions;
  if (Array.isArray(conditions)) {
    fields.conditions = conditions.slice(0, 16).flatMap((word) => readText(word) ?? []);
  }
  const importance = IMPORTANCE.find((word) => word === json.importance);
  if (importance !== undefined) fields.importance = importance;
  if (Array.isArray(json.tags)) {
    fields.tags = json.tags.slice(0, 64).flatMap((tag) => readText(tag) ?? []);
  }
  if (json.rung !== undefined) fields.rung = readRung(json.rung);
  if (Array.isArray(json.standing)) fields.standing = readStanding(json.standing);
  const maskedBy = readText(json.masked_by);
  if (maskedBy !== undefined) fields.maskedBy = maskedBy;
  if (json.maintenance !== undefined) fields.maintenance = readOrder(json.maintenance) ?? null;
  const reason = readText(json.reason, SENTENCE_MAX);
  if (reason !== undefined) fields.reason = reason;
  const since = readTime(json.since);
  if (since !== null) fields.sinceMs = since;
  const lastFrame = json.last_frame_at;
  if (lastFrame === null) fields.lastFrameAtMs = null;
  if (typeof lastFrame === "number" && lastFrame > 0) fields.lastFrameAtMs = lastFrame / 1000;
  const refresh = json.refresh_s;
  if (refresh === null) fields.refreshMs = null;
  if (typeof refresh === "number" && refresh > 0 && refresh < 3600) {
    fields.refreshMs = refresh * 1000;
  }
  const codec = readText(json.codec);
  if (codec !== undefined) fields.codec = codec;
  for (const side of ["width", "height"] as const) {
    const value = json[side] === null ? null : readU32(json[side]);
    if (value !== undefined) fields[side] = value;
  }
  if (json.main !== undefined) fields.main = readMain(json.main);
  return fields;
}

function readMain(main: unknown): MainStream | null {
  if (typeof main !== "object" || main === null) return null;
  const { state, reason } = main as Json;
  if (state !== "connecting" && state !== "playing" && state !== "offline") return null;
  return { state, reason: readText(reason, SENTENCE_MAX) ?? null };
}

/** A wall, or `undefined` if it says neither which it is nor what it shows. */
export function readWall(json: Json): Wall | undefined {
  const { id, cells, revision } = json;
  if (typeof id !== "string" || !Array.isArray(cells)) return undefined;
  return {
    id,
    name: readText(json.name) ?? null,
    revision: readU32(revision) ?? 0,
    cells: cells.slice(0, CELLS_MAX).flatMap((cell) => readU32(cell) ?? []),
    ...(Array.isArray(json.screens) ? { screens: readScreens(json.screens) } : {}),
  };
}

function readScreens(screens: readonly unknown[]): readonly WallScreen[] {
  return screens.slice(0, SCREENS_MAX).flatMap((screen) => {
    if (typeof screen !== "object" || screen === null) return [];
    const { id, name, layout, cells } = screen as Json;
    if (typeof id !== "string" || !Array.isArray(cells)) return [];
    const known = typeof layout === "string" && LAYOUT.test(layout) ? layout : "grid";
    const read = cells.slice(0, CELLS_MAX).map(readCell);
    return [{ id, name: readText(name) ?? null, layout: known, cells: read }];
  });
}

/** A cell that cannot be read is empty, so that the others keep their places. */
function readCell(cell: unknown): WallCell {
  if (typeof cell !== "object" || cell === null) return { camera: null, why: "base", alert: null };
  const { camera, why, alert } = cell as Json;
  return {
    camera: readU32(camera) ?? null,
    why: typeof why === "string" ? why : "base",
    alert: typeof alert === "string" ? alert : null,
  };
}
