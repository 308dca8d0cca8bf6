//! What the service tells of one camera's past: history, figures, pictures, availability. Checked
//! here, at the edge; what cannot be read is left out.

import { type Json, readText, readTime } from "./fields";
import { list, object, readSeverity, SENTENCE_MAX, type Severity } from "./health";

/** One line of a camera's history. */
export type Episode =
  | {
      readonly kind: "state";
      readonly atMs: number;
      readonly state: string;
      readonly conditions: readonly string[];
      readonly evidence: string;
      readonly maskedBy: string | null;
    }
  | {
      readonly kind: "condition";
      /** When it was raised. */
      readonly atMs: number;
      readonly condition: string;
      readonly severity: Severity;
      readonly evidence: string;
      readonly clearedMs: number | null;
      readonly maskedBy: string | null;
    };

/** Reads the answer of `GET /api/v1/cameras/{id}/history`, newest first. */
export function readHistory(json: unknown): readonly Episode[] {
  const entries = list(json, "entries", "history", "lines");
  return entries.flatMap(readEpisode).sort((a, b) => b.atMs - a.atMs);
}

function readEpisode(entry: unknown): readonly Episode[] {
  const json = object(entry);
  if (json === undefined) return [];
  const evidence = readText(json.evidence, SENTENCE_MAX) ?? "";
  const maskedBy = readText(json.masked_by) ?? null;
  const state = readText(json.state);
  const condition = readText(json.condition);
  const atMs = readTime(json.at ?? json.raised_at ?? json.from ?? json.since);
  if (atMs === null) return [];
  if (condition) {
    const severity = readSeverity(json.severity);
    const clearedMs = readTime(json.cleared_at ?? json.until);
    return [{ kind: "condition", atMs, condition, severity, evidence, clearedMs, maskedBy }];
  }
  if (!state) return [];
  const conditions = Array.isArray(json.conditions)
    ? json.conditions.slice(0, 32).flatMap((word) => readText(word) ?? [])
    : [];
  return [{ kind: "state", atMs, state, conditions, evidence, maskedBy }];
}

/** What there are figures of, in the order in which they are plotted. */
export const FIGURES = [
  "frame_rate",
  "bitrate",
  "loss_percent",
  "jitter_ms",
  "keyframe_interval_s",
  "clock_offset_s",
  "luma",
  "sharpness",
] as const;
export type Figure = (typeof FIGURES)[number];

/** Columns of equal length; `null` is unknown, not zero. */
export interface Figures {
  /** Unix seconds, rising. */
  readonly at: readonly number[];
  readonly columns: Readonly<Record<Figure, readonly (number | null)[]>>;
}

/** A day of minutes, and some. */
const POINTS_MAX = 4000;

/** Reads the answer of `GET /api/v1/cameras/{id}/figures`. */
export function readFigures(json: unknown): Figures {
  const columns = object(json) ?? {};
  const times = Array.isArray(columns.at) ? columns.at.slice(-POINTS_MAX) : [];
  const begin = Array.isArray(columns.at) ? columns.at.length - times.length : 0;
  const kept = times
    .flatMap((time, index) => {
      const ms = readTime(time);
      return ms === null ? [] : [{ at: ms / 1000, index: begin + index }];
    })
    .sort((a, b) => a.at - b.at);
  const read = (figure: Figure): readonly (number | null)[] => {
    const values = columns[figure];
    return kept.map(({ index }) => number(Array.isArray(values) ? values[index] : null));
  };
  const entries = FIGURES.map((figure) => [figure, read(figure)] as const);
  return {
    at: kept.map(({ at }) => at),
    columns: Object.fromEntries(entries) as unknown as Figures["columns"],
  };
}

/** A picture that is kept. */
export interface Kept {
  readonly kind: "reference-day" | "reference-night" | "event";
  /** Unix microseconds, as the address of the picture wants it. */
  readonly at: number;
  readonly condition: string | null;
}

/** Reads the answer of `GET /api/v1/cameras/{id}/pictures`, newest first. */
export function readPictures(json: unknown): readonly Kept[] {
  return list(json, "pictures")
    .flatMap((entry) => {
      const kept = object(entry);
      const kind = kept?.kind;
      const at = kept?.at;
      if (kind !== "reference-day" && kind !== "reference-night" && kind !== "event") return [];
      if (readTime(at) === null) return [];
      return [{ kind, at: at as number, condition: readText(kept?.condition) ?? null } as const];
    })
    .sort((a, b) => b.at - a.at);
}

/** How a stretch of time was spent, seconds. */
export interface Shares {
  readonly available: number;
  readonly notAvailable: number;
  readonly suspect: number;
  readonly maintenance: number;
  readonly unknown: number;
  /** Of the time that is known. */
  readonly percent: number | null;
}

/** Reads availability as a camera's detail holds it, or one row of `GET /api/v1/availability`. */
export function readShares(json: unknown): Shares | null {
  const shares = object(json);
  if (shares === undefined) return null;
  const seconds = (name: string): number =>
    Math.max(0, number(shares[name]) ?? number(shares[`${name}_s`]) ?? 0);
  const parts = {
    available: seconds("available"),
    notAvailable: seconds("not_available"),
    suspect: seconds("suspect"),
    maintenance: seconds("maintenance"),
    unknown: seconds("unknown"),
  };
  const some = Object.values(parts).some((part) => part > 0);
  return some ? { ...parts, percent: number(shares.percent) } : null;
}

/** What a camera's detail says beyond what the control socket tells. */
export interface Detail {
  readonly availability: Shares | null;
  readonly clock: { readonly offsetS: number; readonly driftPpm: number | null } | null;
  readonly reconnects: number | null;
}

/** Reads the answer of `GET /api/v1/cameras/{id}` for what is only there. */
export function readDetail(json: unknown): Detail {
  const detail: Json = object(json) ?? {};
  const figures = object(detail.figures);
  const clock = object(detail.clock) ?? object(figures?.clock);
  const offsetS = number(clock?.offset_s);
  return {
    availability: readShares(detail.availability),
    clock: offsetS === null ? null : { offsetS, driftPpm: number(clock?.drift_ppm) },
    reconnects: number(object(detail.stream)?.reconnects),
  };
}

function number(value: unknown): number | null {
  return typeof value === "number" && Number.isFinite(value) ? value : null;
}
