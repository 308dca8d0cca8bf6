//! What the service knows of a wall's past, in JSON as types, and the calls for it.

import { type Answer, ask } from "../api";
import { type Plan, readPlan } from "../console/wall/plan";
import { type Json, list, object, readText, readTime, readU32 } from "../wire/json";

/** A change of a wall. */
export interface Change {
  readonly revision: number;
  readonly atMs: number;
  readonly by: string | null;
  readonly what: string;
  /** What it was about, as the service has it; `null`: not for whoever asks. */
  readonly detail: Json | null;
}

/** What a wall showed from `sinceMs` to `untilMs`. */
export interface Showing {
  readonly plan: Plan;
  readonly revision: number;
  readonly sinceMs: number;
  /** `null`: it still does. */
  readonly untilMs: number | null;
  /** Cameras that are not configured any more, by `screen cell`. */
  readonly gone: ReadonlyMap<string, string>;
}

export interface Changes {
  readonly changes: readonly Change[];
  /** The service has more of them within the time than were asked for. */
  readonly more: boolean;
}

/** Changes that the service tells at once. */
const PAGE = 1000;
/** A tour steps every ten seconds at most times: this is more than a day of it. */
const PAGES_MAX = 10;

/** Unix milliseconds as the service asks for them: a change's own moment must come back as it was. */
const micros = (ms: number): string => String(Math.round(ms * 1000));

function history(wall: string, query: Readonly<Record<string, string>>): string {
  return `walls/${encodeURIComponent(wall)}/history?${new URLSearchParams(query)}`;
}

export function askShowing(wall: string, atMs: number): Promise<Answer<Showing | undefined>> {
  return ask(history(wall, { at: micros(atMs) }), readShowing);
}

/** The changes of a time, oldest first; a busy wall's in several calls. */
export async function askChanges(
  wall: string,
  fromMs: number,
  toMs: number,
): Promise<Answer<Changes>> {
  const all = new Map<number, Change>();
  let from = fromMs;
  for (let page = 0; page < PAGES_MAX; page += 1) {
    const query = { from: micros(from), to: micros(toMs), limit: String(PAGE) };
    const answer = await ask(history(wall, query), readChanges);
    if (!answer.ok) return answer;
    for (const change of answer.value.changes) all.set(change.revision, change);
    const last = answer.value.changes.at(-1);
    const changes = [...all.values()];
    if (!answer.value.more || last === undefined)
      return { ok: true, value: { changes, more: false } };
    from = last.atMs;
  }
  return { ok: true, value: { changes: [...all.values()], more: true } };
}

export function readShowing(json: unknown): Showing | undefined {
  const fields = object(json);
  const plan = readPlan(fields?.wall);
  const sinceMs = readTime(fields?.since);
  if (plan === undefined || sinceMs === null) return undefined;
  const gone = list(fields?.gone).flatMap((one) => {
    const { screen, cell, camera } = object(one) ?? {};
    return [[`${readText(screen)} ${readU32(cell)}`, readText(camera) ?? ""] as const];
  });
  return {
    plan,
    revision: readU32(fields?.revision) ?? 0,
    sinceMs,
    untilMs: readTime(fields?.until),
    gone: new Map(gone),
  };
}

export function readChanges(json: unknown): Changes {
  const fields = object(json);
  return {
    changes: list(fields?.changes).flatMap((one) => readChange(one) ?? []),
    more: fields?.more === true,
  };
}

function readChange(json: unknown): Change | undefined {
  const fields = object(json);
  const atMs = readTime(fields?.at);
  const revision = readU32(fields?.revision);
  if (atMs === null || revision === undefined) return undefined;
  return {
    revision,
    atMs,
    by: readText(fields?.by) ?? null,
    what: readText(fields?.what) ?? "",
    detail: object(fields?.detail) ?? null,
  };
}
