//! Figures, hand-over sheets, drills and records in JSON as types.

import {
  type Alert,
  type Mix,
  type Remark,
  readActor,
  readAlerts,
  readMix,
  readNumber,
  readRemark,
  readSigned,
  readSubject,
  readWhere,
  readWords,
  type Signed,
  type Subject,
  type Where,
} from "./alert";
import { type Json, list, object, readText, readTime, readU32, SENTENCE_MAX } from "./json";

/** One source of alerts, and how many it made. */
export interface SourceCount {
  readonly subject: Subject;
  readonly kind: string;
  readonly where: Where;
  readonly alerts: number;
  /** Of all, per cent. */
  readonly share: number | null;
}

/** How quickly people took what they were told. */
export interface Speed {
  readonly medianS: number | null;
  readonly p95S: number | null;
}

export interface ShiftFigures extends Speed {
  readonly fromMs: number | null;
  readonly untilMs: number | null;
  readonly people: readonly string[];
  readonly alerts: number;
  readonly average: number | null;
  readonly peak: number | null;
  readonly floodS: number | null;
}

export interface AlertFigures {
  readonly alerts: number;
  /** New alerts in each ten minutes, oldest first; times in seconds, as plots want them. */
  readonly slots: readonly { readonly atS: number; readonly fresh: number }[];
  readonly average: number | null;
  readonly peak: number | null;
  readonly acknowledge: Speed & { readonly of: number };
  readonly top: readonly SourceCount[];
  readonly chattering: readonly SourceCount[];
  readonly stale: readonly Alert[];
  readonly floodS: number | null;
  readonly floodPercent: number | null;
  readonly mix: Mix | null;
  readonly shifts: readonly ShiftFigures[];
}

const SLOTS_MAX = 5000;
const LINES_MAX = 1000;

export function readAlertFigures(json: unknown): AlertFigures {
  const fields = object(json) ?? {};
  const acknowledge = object(fields.acknowledge) ?? {};
  const flood = object(fields.flood);
  return {
    alerts: readU32(fields.alerts) ?? 0,
    slots: list(fields.slots)
      .slice(-SLOTS_MAX)
      .flatMap((one) => {
        const at = readTime(object(one)?.at);
        return at === null ? [] : [{ atS: at / 1000, fresh: readU32(object(one)?.new) ?? 0 }];
      }),
    average: readNumber(fields.average),
    peak: readNumber(fields.peak),
    acknowledge: { ...readSpeed(acknowledge), of: readU32(acknowledge.of) ?? 0 },
    top: readSources(fields.top),
    chattering: readSources(fields.chattering),
    stale: readAlerts(list(fields.stale)),
    floodS: readNumber(flood?.seconds),
    floodPercent: readNumber(flood?.percent),
    mix: readMix(fields.mix),
    shifts: objects(fields.shifts).map((one) => ({
      ...readSpeed(one),
      fromMs: readTime(one.from),
      untilMs: readTime(one.until),
      people: readWords(one.people, 50),
      alerts: readU32(one.alerts) ?? 0,
      average: readNumber(one.average),
      peak: readNumber(one.peak),
      floodS: readNumber(one.flood_s),
    })),
  };
}

export interface Sheet {
  readonly shift: { fromMs: number | null; untilMs: number | null; people: readonly string[] };
  readonly next: { fromMs: number | null; people: readonly string[] };
  readonly madeMs: number | null;
  readonly open: readonly Alert[];
  readonly shelved: readonly Alert[];
  readonly outOfService: readonly {
    readonly camera: string;
    readonly name: string;
    readonly untilMs: number | null;
    readonly reason: string;
  }[];
  readonly worst: readonly SourceCount[];
  readonly notes: readonly Remark[];
  readonly giving: Signed | null;
  readonly taking: Signed | null;
}

export function readSheet(json: unknown): Sheet {
  const fields = object(json) ?? {};
  const shift = object(fields.shift);
  const next = object(fields.next);
  const signed = object(fields.signed);
  return {
    shift: {
      fromMs: readTime(shift?.from),
      untilMs: readTime(shift?.until),
      people: readWords(shift?.people, 50),
    },
    next: { fromMs: readTime(next?.from), people: readWords(next?.people, 50) },
    madeMs: readTime(fields.made_at),
    open: readAlerts(list(fields.open)),
    shelved: readAlerts(list(fields.shelved)),
    outOfService: objects(fields.out_of_service).map((one) => {
      const number = readU32(one.number);
      const name = readText(one.name) || readText(one.camera) || "";
      return {
        camera: readText(one.camera) ?? "",
        name: number === undefined ? name : `${number} ${name}`,
        untilMs: readTime(one.until),
        reason: readText(one.reason, SENTENCE_MAX) ?? "",
      };
    }),
    worst: readSources(fields.worst),
    notes: list(fields.notes).flatMap((one) => readRemark(one, "text") ?? []),
    giving: readSigned(signed?.giving),
    taking: readSigned(signed?.taking),
  };
}

export interface DrillAlert {
  readonly where: Where;
  readonly openedMs: number | null;
  readonly deliveredS: number | null;
  readonly readS: number | null;
  readonly acknowledgedS: number | null;
  readonly by: string;
}

export interface DrillShift extends Speed {
  readonly position: string;
  readonly people: readonly string[];
  readonly alerts: number;
  readonly acknowledged: number;
}

export interface Drill extends Speed {
  readonly id: string;
  readonly startedMs: number | null;
  readonly endedMs: number | null;
  readonly by: string;
  readonly kind: string;
  readonly count: number;
  readonly opened: number;
  readonly acknowledged: number;
  readonly slowestS: number | null;
  readonly shifts: readonly DrillShift[];
  readonly alerts: readonly DrillAlert[];
}

export function readDrill(json: unknown): Drill | undefined {
  const fields = object(json);
  const id = fields?.id;
  if (fields === undefined || (typeof id !== "string" && typeof id !== "number")) return undefined;
  return {
    ...readSpeed(fields),
    id: String(id),
    startedMs: readTime(fields.started_at),
    endedMs: readTime(fields.ended_at),
    by: readActor(fields.by),
    kind: readText(fields.kind) ?? "",
    count: readU32(fields.count) ?? 0,
    opened: readU32(fields.opened) ?? 0,
    acknowledged: readU32(fields.acknowledged) ?? 0,
    slowestS: readNumber(fields.slowest_s),
    shifts: objects(fields.shifts).map((one) => ({
      ...readSpeed(one),
      position: readText(one.position) ?? "",
      people: readWords(one.people, 50),
      alerts: readU32(one.alerts) ?? 0,
      acknowledged: readU32(one.acknowledged) ?? 0,
    })),
    alerts: objects(fields.alerts).map((one) => ({
      where: readWhere(one.where),
      openedMs: readTime(one.opened_at),
      deliveredS: readNumber(one.delivered_s),
      readS: readNumber(one.read_s),
      acknowledgedS: readNumber(one.acknowledged_s),
      by: readActor(one.by),
    })),
  };
}

export function readDrills(json: unknown): readonly Drill[] {
  return list(json, "drills").flatMap((one) => readDrill(one) ?? []);
}

export interface JournalRecord {
  readonly id: string;
  readonly atMs: number;
  readonly kind: string;
  readonly source: string;
  readonly camera: string | null;
  readonly where: Where;
  readonly text: string;
  readonly alert: string | null;
}

export interface Journal {
  readonly records: readonly JournalRecord[];
  readonly more: boolean;
}

export function readJournal(json: unknown): Journal {
  const records = list(json, "records")
    .slice(0, LINES_MAX)
    .flatMap((entry) => {
      const one = object(entry);
      const atMs = readTime(one?.at);
      const id = one?.id;
      if (one === undefined || atMs === null) return [];
      if (typeof id !== "string" && typeof id !== "number") return [];
      return [
        {
          id: String(id),
          atMs,
          kind: readText(one.kind) ?? "",
          source: readText(one.source) ?? "",
          camera: readText(one.camera) ?? null,
          where: readWhere(one.where),
          text: readText(one.text, SENTENCE_MAX) ?? "",
          alert: readText(one.alert) ?? null,
        },
      ];
    });
  return { records, more: object(json)?.more === true };
}

function readSources(value: unknown): readonly SourceCount[] {
  return objects(value).map((one) => ({
    subject: readSubject(one.subject),
    kind: readText(one.kind) ?? "",
    where: readWhere(one.where),
    alerts: readU32(one.alerts) ?? 0,
    share: readNumber(one.share),
  }));
}

function readSpeed(json: Json): Speed {
  return { medianS: readNumber(json.median_s), p95S: readNumber(json.p95_s) };
}

function objects(value: unknown): readonly Json[] {
  return list(value)
    .slice(0, LINES_MAX)
    .map(object)
    .filter((one) => one !== undefined);
}
