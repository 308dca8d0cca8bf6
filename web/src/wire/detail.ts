//! One alert in full, in JSON as types: its changes, to whom it was delivered, and what to do.

import { type Alert, readActor, readAlert, readSeq, readWords } from "./alert";
import { list, object, readText, readTime, readU32, SENTENCE_MAX } from "./json";

export interface AlertChange {
  readonly seq: number;
  readonly atMs: number;
  readonly what: string;
  /** What a person did, of a change that is `done`. */
  readonly act: string;
  /** Nobody: the machine. */
  readonly by: string;
  /** What was said with it. */
  readonly text: string;
  /** Who was told, of one that is `escalated`; nobody: everyone. */
  readonly told: readonly string[];
  /** Of changes that begin or end something. */
  readonly on: boolean;
}

export interface Delivery {
  readonly id: string;
  readonly alert: string;
  readonly channel: string;
  readonly person: string;
  readonly state: "waiting" | "delivered" | "dead";
  readonly attempts: number;
  readonly firstMs: number | null;
  readonly nextMs: number | null;
  readonly deliveredMs: number | null;
  readonly error: string;
}

/** The answer of `GET /api/v1/alerts/{id}`. */
export interface Detail {
  readonly alert: Alert;
  readonly procedure: { readonly vi: string; readonly en: string };
  readonly commentRequired: boolean;
  readonly storedMs: number | null;
  readonly changes: readonly AlertChange[];
  readonly deliveries: readonly Delivery[];
}

/** Steps of a procedure are a page of text, not a sentence. */
const PROCEDURE_MAX = 4000;
const LINES_MAX = 500;

export function readDetail(json: unknown): Detail | undefined {
  const fields = object(json);
  // An alert is kept as it was told; the rest is not its own.
  const {
    changes: _changes,
    deliveries: _deliveries,
    procedure: _procedure,
    ...own
  } = fields ?? {};
  const alert = readAlert(fields?.alert ?? own);
  if (alert === undefined) return undefined;
  const procedure = object(fields?.procedure);
  return {
    alert,
    procedure: { vi: readSteps(procedure?.vi), en: readSteps(procedure?.en) },
    commentRequired: fields?.comment_required === true,
    storedMs: readTime(fields?.stored_at),
    changes: list(fields?.changes)
      .slice(0, LINES_MAX)
      .flatMap((one) => readChange(one) ?? []),
    deliveries: readDeliveries(fields),
  };
}

export function readDeliveries(json: unknown): readonly Delivery[] {
  return list(json, "deliveries")
    .slice(0, LINES_MAX)
    .flatMap((one) => readDelivery(one) ?? []);
}

export function readDelivery(value: unknown): Delivery | undefined {
  const json = object(value);
  const alert = readText(json?.alert);
  if (json === undefined || !alert) return undefined;
  return {
    // What an application confirmed has no name of its own.
    id: readText(json.id) ?? "",
    alert,
    channel: readText(json.channel) ?? "",
    person: readText(json.person) ?? "",
    state: json.state === "delivered" || json.state === "dead" ? json.state : "waiting",
    attempts: readU32(json.attempts) ?? 0,
    firstMs: readTime(json.first_at),
    nextMs: readTime(json.next_at),
    deliveredMs: readTime(json.delivered_at),
    error: readText(json.error, SENTENCE_MAX) ?? "",
  };
}

function readChange(value: unknown): AlertChange | undefined {
  const json = object(value);
  const seq = readSeq(json?.seq);
  const atMs = readTime(json?.at);
  const what = readText(json?.what);
  if (json === undefined || seq === undefined || atMs === null || !what) return undefined;
  const detail = object(json.detail);
  const said = [detail?.text, detail?.reason, detail?.comment].map((one) =>
    readText(one, SENTENCE_MAX),
  );
  return {
    seq,
    atMs,
    what,
    act: readText(detail?.act) ?? "",
    by: readActor(json.by),
    text: said.find(Boolean) ?? "",
    told: list(detail?.told).flatMap((one) => readWords(one, 1)),
    on: json.detail !== false,
  };
}

/** Lines are kept, and each is made safe by itself. */
function readSteps(value: unknown): string {
  if (typeof value !== "string") return "";
  const lines = value.slice(0, PROCEDURE_MAX).split("\n");
  return lines.flatMap((line) => readText(line, SENTENCE_MAX) || []).join("\n");
}
