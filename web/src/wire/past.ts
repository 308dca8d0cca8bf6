//! What the service tells of one camera's past: history, figures, pictures, availability. Checked
//! here, at the edge; what cannot be read is left out.

import { readSeverity, type Severity } from "./health";
import { type Json, list, object, readText, readTime, readU32, SENTENCE_MAX } from "./json";

/** One line of a camera's history. */
export type Episode = Gone | StateEpisode | ConditionEpisode;

interface Began {
  readonly atMs: number;
  /** `null` while it lasts. */
  readonly untilMs: number | null;
}

/** The camera was not configured. */
export interface Gone extends Began {
  readonly kind: "gone";
}

export interface StateEpisode extends Began {
  readonly kind: "state";
  readonly state: string;
  readonly conditions: readonly string[];
  readonly evidence: string;
  readonly maskedBy: string | null;
}

export interface ConditionEpisode extends Began {
  readonly kind: "condition";
  readonly condition: string;
  readonly severity: Severity;
  readonly evidence: string;
  readonly maskedBy: string | null;
  /** Nobody saw it end: the service stopped while it stood. */
  readonly cutShort: boolean;
}

/** A page of history, newest first. */
export interface HistoryPage {
  readonly lines: readonly Episode[];
  /** Where older lines are, below `/api/v1/`; `null` on the last page. */
  readonly next: string | null;
}

/** Reads the answer of `GET /api/v1/cameras/{id}/history`. */
export function readHistory(json: unknown): HistoryPage {
  const lines = list(json, "entries").flatMap(readEpisode);
  const next = readText(object(json)?.next, SENTENCE_MAX) ?? "";
  return { lines, next: next.startsWith(API) ? next.slice(API.length) : null };
}

const API = "/api/v1/";

function readEpisode(entry: unknown): readonly Episode[] {
  const json = object(entry);
  const atMs = readTime(json?.at);
  if (json === undefined || atMs === null) return [];
  const began = { atMs, untilMs: readTime(json.until) };
  const evidence = readText(json.evidence, SENTENCE_MAX) ?? "";
  const told = { ...began, evidence, maskedBy: readText(json.masked_by) ?? null };
  const state = readText(json.state);
  const condition = readText(json.condition);
  if (json.kind === "gone") return [{ kind: "gone", ...began }];
  if (json.kind === "condition" && condition) {
    const severity = readSeverity(json.severity);
    return [{ kind: "condition", condition, severity, cutShort: json.cut_short === true, ...told }];
  }
  if (json.kind !== "state" || !state) return [];
  const conditions = Array.isArray(json.conditions)
    ? json.conditions.slice(0, 32).flatMap((word) => readText(word) ?? [])
    : [];
  return [{ kind: "state", state, conditions, ...told }];
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
  /**
   * Unix microseconds, as the address of the picture has it: of an event, when the condition was
   * raised; of a reference, when it was taken.
   */
  readonly at: number;
  readonly condition: string | null;
  /** When it was taken, Unix milliseconds. */
  readonly takenMs: number;
  /** Length of the JPEG. */
  readonly bytes: number | null;
}

/** Reads the answer of `GET /api/v1/cameras/{id}/pictures`, newest first. */
export function readPictures(json: unknown): readonly Kept[] {
  return list(json, "pictures")
    .flatMap((entry) => {
      const kept = object(entry);
      const kind = kept?.kind;
      const takenMs = readTime(kept?.captured_at);
      if (kind !== "reference-day" && kind !== "reference-night" && kind !== "event") return [];
      const at = kind === "event" ? kept?.at : kept?.captured_at;
      if (takenMs === null || readTime(at) === null) return [];
      const condition = readText(kept?.condition) ?? null;
      const bytes = readU32(kept?.bytes) ?? null;
      return [{ kind, at: at as number, condition, takenMs, bytes } as const];
    })
    .sort((a, b) => b.takenMs - a.takenMs);
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
  const seconds = (name: string): number => Math.max(0, number(shares[`${name}_s`]) ?? 0);
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

/** A camera's stream in figures, as of now. */
export interface Stream {
  readonly frameRate: number | null;
  /** Bits per second. */
  readonly bitrate: number | null;
  readonly keyframeBytes: number | null;
  readonly packetsLost: number | null;
  readonly packetsReordered: number | null;
  readonly jitterMs: number | null;
  readonly sessionSinceMs: number | null;
  readonly reconnects: number | null;
  readonly signInAttempts: number | null;
  /** The camera's clock less the service's, seconds, and within what that is true. */
  readonly clockOffsetS: number | null;
  readonly clockErrorS: number | null;
  readonly clockDriftPpm: number | null;
  /** Whether the view tells enough to judge it; `null` where the service did not say. */
  readonly sight: Sight | null;
}

export const SIGHTS = ["learning", "enough", "too-little"] as const;
export type Sight = (typeof SIGHTS)[number];

/** What a camera's detail says beyond what the control socket tells. */
export interface Detail {
  readonly availability: Shares | null;
  readonly stream: Stream;
}

/** Reads the answer of `GET /api/v1/cameras/{id}` for what is only there. */
export function readDetail(json: unknown): Detail {
  const detail: Json = object(json) ?? {};
  const stream = object(detail.stream) ?? {};
  return {
    availability: readShares(detail.availability),
    stream: {
      frameRate: number(stream.frame_rate),
      bitrate: number(stream.bitrate),
      keyframeBytes: number(stream.keyframe_bytes),
      packetsLost: number(stream.packets_lost),
      packetsReordered: number(stream.packets_reordered),
      jitterMs: number(stream.jitter_ms),
      sessionSinceMs: readTime(stream.session_since),
      reconnects: number(stream.reconnects),
      signInAttempts: number(stream.sign_in_attempts),
      clockOffsetS: number(stream.clock_offset_s),
      clockErrorS: number(stream.clock_error_s),
      clockDriftPpm: number(stream.clock_drift_ppm),
      sight: SIGHTS.find((one) => one === stream.sight) ?? null,
    },
  };
}

function number(value: unknown): number | null {
  return typeof value === "number" && Number.isFinite(value) ? value : null;
}
