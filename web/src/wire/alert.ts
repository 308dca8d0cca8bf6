//! Alerts in JSON as types: the book's snapshot with `seq` and `where`. Checked here, at the edge; an
//! alert that cannot be read is left out and hides no other.

import { type Json, list, object, readText, readTime, readU32, SENTENCE_MAX } from "./json";

export const PRIORITIES = ["low", "medium", "high"] as const;
export type Priority = (typeof PRIORITIES)[number];

export const ALERT_STATES = [
  "unacknowledged",
  "returned-unacknowledged",
  "acknowledged",
  "shelved",
  "suppressed",
  "out-of-service",
  "normal",
] as const;
export type AlertState = (typeof ALERT_STATES)[number];

export const DISPOSITIONS = ["real", "suspicious", "false"] as const;
export type Disposition = (typeof DISPOSITIONS)[number];

/** Who did something, and when. */
export interface Signed {
  /** A person of the roster, else the account. */
  readonly by: string;
  readonly atMs: number;
}

export interface Remark extends Signed {
  readonly text: string;
}

export interface Subject {
  readonly kind: "camera" | "site" | "screen" | "service";
  /** Of a camera, site or screen. */
  readonly id: string;
  /** The wall of a screen. */
  readonly wall?: string;
}

/** Names as people know them; `null` where the service did not say. */
export interface Where {
  readonly number: number | null;
  readonly name: string | null;
  readonly site: string | null;
  /** Of an alert about a screen. */
  readonly screen?: ScreenPlace;
}

/** A screen's place on its wall, as people call it. */
export interface ScreenPlace {
  readonly wall: string;
  readonly name: string;
  /** From 0; `null` where nobody configured the screen. */
  readonly column: number | null;
  readonly row: number | null;
}

export interface Stage {
  readonly step: number;
  /** Nobody read it, and everyone was told. */
  readonly everyone: boolean;
  readonly told: readonly string[];
}

export interface Alert {
  readonly id: string;
  /** Of its newest change. */
  readonly seq: number;
  readonly subject: Subject;
  /** What it is: a condition's word, or what an outside system called it. */
  readonly kind: string;
  readonly state: AlertState;
  readonly priority: Priority;
  readonly rule: string;
  readonly position: string;
  readonly cameras: readonly string[];
  readonly site: string | null;
  readonly where: Where;
  readonly evidence: string;
  readonly count: number;
  readonly openedMs: number;
  readonly raisedMs: number;
  readonly clearedMs: number | null;
  readonly closedMs: number | null;
  readonly chattering: boolean;
  readonly momentary: boolean;
  readonly maskedBy: string | null;
  readonly masks: number;
  readonly suppressedUntilMs: number | null;
  readonly outOfServiceUntilMs: number | null;
  readonly shelved: (Remark & { readonly untilMs: number }) | null;
  readonly read: Signed | null;
  readonly acknowledged: Signed | null;
  readonly assigned: string | null;
  readonly disposition: Disposition | null;
  readonly resolved: Signed | null;
  readonly comments: readonly Remark[];
  readonly stage: Stage | null;
  readonly drill: boolean;
  /** As the service told it, for keeping. */
  readonly raw: Json;
}

/** More than one position can ever work on. */
export const ALERTS_MAX = 2000;

export function readAlert(entry: unknown): Alert | undefined {
  const json = object(entry);
  const id = readText(json?.id);
  const seq = readSeq(json?.seq);
  const openedMs = readTime(json?.opened_at);
  if (json === undefined || !id || seq === undefined || openedMs === null) return undefined;
  const cameras = readWords(json.cameras, 64);
  return {
    id,
    seq,
    subject: readSubject(json.subject),
    kind: readText(json.kind) || "unknown",
    // One that this page does not know must not look settled.
    state: ALERT_STATES.find((one) => one === json.state) ?? "unacknowledged",
    priority: PRIORITIES.find((one) => one === json.priority) ?? "high",
    rule: readText(json.rule) ?? "",
    position: readText(json.position) ?? "",
    cameras,
    site: readText(json.site) ?? null,
    where: readWhere(json.where),
    evidence: readText(json.evidence, SENTENCE_MAX) ?? "",
    count: readU32(json.count) ?? 1,
    openedMs,
    raisedMs: readTime(json.raised_at) ?? openedMs,
    clearedMs: readTime(json.cleared_at),
    closedMs: readTime(json.closed_at),
    chattering: json.chattering === true,
    momentary: json.momentary === true,
    maskedBy: readText(json.masked_by) ?? null,
    masks: Array.isArray(json.masks) ? json.masks.length : 0,
    suppressedUntilMs: readTime(json.suppressed_until),
    outOfServiceUntilMs: readTime(json.out_of_service_until),
    shelved: readShelved(json.shelved),
    read: readSigned(json.read),
    acknowledged: readSigned(json.acknowledged),
    assigned: readText(json.assigned) ?? null,
    disposition: DISPOSITIONS.find((one) => one === json.disposition) ?? null,
    resolved: readSigned(json.resolved),
    comments: list(json, "comments")
      .slice(-100)
      .flatMap((one) => readRemark(one, "text") ?? []),
    stage: readStage(json.stage),
    drill: json.drill === true,
    raw: json,
  };
}

export function readAlerts(entries: readonly unknown[]): readonly Alert[] {
  return entries.slice(0, ALERTS_MAX).flatMap((entry) => readAlert(entry) ?? []);
}

/** A position that gets more alerts than a person can take. */
export interface Flood {
  readonly position: string;
  /** `null`: no longer. */
  readonly sinceMs: number | null;
  readonly inTenMinutes: number;
}

/** The answer of `GET /api/v1/alerts`. */
export interface AlertList {
  readonly alerts: readonly Alert[];
  readonly head: number;
  readonly floods: readonly Flood[];
  readonly mix: Mix | null;
}

/** Shares of the priorities, per cent. */
export interface Mix {
  readonly high: number;
  readonly medium: number;
  readonly low: number;
  readonly of: number;
  readonly drifted: boolean;
}

export function readAlertList(json: unknown): AlertList {
  const alerts = readAlerts(list(json, "alerts"));
  const newest = alerts.reduce((most, { seq }) => Math.max(most, seq), 0);
  const fields = object(json);
  return {
    alerts,
    head: readSeq(fields?.head) ?? newest,
    floods: list(fields?.floods).flatMap((one) => readFlood(one, one) ?? []),
    mix: readMix(fields?.mix),
  };
}

/** `position` stands beside `flood` in a message, and inside it in a list. */
export function readFlood(holder: unknown, flood: unknown): Flood | undefined {
  const position = readText(object(holder)?.position);
  if (!position) return undefined;
  const json = object(flood);
  return {
    position,
    sinceMs: readTime(json?.since),
    inTenMinutes: readU32(json?.in_ten_minutes) ?? 0,
  };
}

export function readMix(value: unknown): Mix | null {
  const json = object(value);
  if (json === undefined) return null;
  const share = (one: unknown): number => readNumber(one) ?? 0;
  return {
    high: share(json.high),
    medium: share(json.medium),
    low: share(json.low),
    of: readU32(json.of) ?? 0,
    drifted: json.drifted === true,
  };
}

/** How the storing of alerts goes. */
export interface Storage {
  readonly state: "ok" | "spooling" | "failing";
  readonly sinceMs: number | null;
  readonly waiting: number;
  readonly reason: string;
}

export function readStorage(json: Json): Storage {
  const { state } = json;
  return {
    // A word that this page does not know is no good news.
    state: state === "ok" || state === "spooling" ? state : "failing",
    sinceMs: readTime(json.since),
    waiting: readU32(json.waiting) ?? 0,
    reason: readText(json.reason, SENTENCE_MAX) ?? "",
  };
}

/** A place among all changes; within what a double counts exactly. */
export function readSeq(value: unknown): number | undefined {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}

export function readNumber(value: unknown): number | null {
  return typeof value === "number" && Number.isFinite(value) ? value : null;
}

export function readWords(value: unknown, most: number): readonly string[] {
  return list(value)
    .slice(0, most)
    .flatMap((word) => readText(word) || []);
}

export function readSigned(value: unknown): Signed | null {
  const json = object(value);
  const atMs = readTime(json?.at);
  return json === undefined || atMs === null ? null : { by: readActor(json.by), atMs };
}

export function readRemark(value: unknown, field: "text" | "reason"): Remark | null {
  const signed = readSigned(value);
  const text = readText(object(value)?.[field], SENTENCE_MAX);
  return signed === null || typeof text !== "string" ? null : { ...signed, text };
}

/** A person's id, an account's name, or nothing for the machine. */
export function readActor(by: unknown): string {
  const actor = object(by);
  return readText(actor === undefined ? by : actor.person || actor.user) ?? "";
}

export function readSubject(value: unknown): Subject {
  const json = object(value);
  const camera = readText(json?.camera);
  if (camera) return { kind: "camera", id: camera };
  const [screen, wall] = [readText(json?.screen), readText(json?.wall)];
  if (screen && wall) return { kind: "screen", id: screen, wall };
  const site = readText(json?.site);
  return site ? { kind: "site", id: site } : { kind: "service", id: "" };
}

export function readWhere(value: unknown): Where {
  const json = object(value);
  const [wall, name] = [readText(json?.wall), readText(json?.screen)];
  const [column, row] = [readU32(json?.column) ?? null, readU32(json?.row) ?? null];
  return {
    ...(wall && name ? { screen: { wall, name, column, row } } : {}),
    number: readU32(json?.number) ?? null,
    name: readText(json?.name) ?? null,
    site: readText(json?.site) ?? null,
  };
}

function readShelved(value: unknown): Alert["shelved"] {
  const remark = readRemark(value, "reason");
  const untilMs = readTime(object(value)?.until);
  return remark === null || untilMs === null ? null : { ...remark, untilMs };
}

function readStage(value: unknown): Stage | null {
  const json = object(value);
  const step = readU32(json?.step);
  if (json === undefined || step === undefined) return null;
  return { step, everyone: json.everyone === true, told: readWords(json.told, 200) };
}
