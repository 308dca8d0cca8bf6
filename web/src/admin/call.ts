//! Calls of the configuration's API. What the service finds wrong comes back with every mistake.

import { toSignIn } from "../sign-in/way";
import { list, object } from "../wire/health";
import type { Fields } from "./patch";
import type { Section } from "./schema";

export interface Mistake {
  readonly line: number;
  readonly key: string;
  readonly message: string;
  readonly remedy: string;
}

export interface Outcome {
  readonly version: string;
  readonly added: readonly string[];
  readonly removed: readonly string[];
  readonly changed: readonly string[];
  readonly needsRestart: readonly string[];
  readonly warnings: readonly Mistake[];
}

export interface Entries {
  readonly version: string;
  readonly entries: readonly Fields[];
}

export interface Version {
  readonly id: number;
  readonly atMs: number;
  readonly by: string | null;
  readonly what: string;
}

export type Answer<T> =
  | { readonly ok: true; readonly value: T }
  | {
      readonly ok: false;
      readonly status: number;
      readonly why: string;
      readonly mistakes: readonly Mistake[];
    };

const WITHIN_MS = 15_000;

async function call<T>(
  method: string,
  path: string,
  read: (json: unknown) => T,
  body?: unknown,
): Promise<Answer<T>> {
  try {
    const init: RequestInit = {
      method,
      cache: "no-store",
      signal: AbortSignal.timeout(WITHIN_MS),
      headers: { "content-type": "application/json" },
    };
    if (body !== undefined) init.body = JSON.stringify(body);
    const answer = await fetch(`/api/v1/configuration/${path}`, init);
    if (answer.status === 401) toSignIn();
    const json: unknown = await answer.json();
    if (answer.ok) return { ok: true, value: read(json) };
    const problem = object(json) ?? {};
    const why = typeof problem.detail === "string" ? problem.detail : "";
    return { ok: false, status: answer.status, why, mistakes: mistakes(problem, "faults") };
  } catch {
    return { ok: false, status: 0, why: "", mistakes: [] };
  }
}

export const entries = (section: Section): Promise<Answer<Entries>> =>
  call("GET", section, (json) => {
    const { version } = object(json) ?? {};
    const all = list(object(json) ?? {}, "entries").map((one) => (object(one) ?? {}) as Fields);
    return { version: text(version), entries: all };
  });

export interface Change {
  readonly fields: Fields;
  readonly version: string;
  readonly password?: string;
}

export const put = (
  section: Section,
  id: string,
  change: Change,
  dryRun: boolean,
): Promise<Answer<Outcome>> =>
  call("PUT", `${section}/${encodeURIComponent(id)}?dry_run=${dryRun}`, outcome, change);

export const remove = (
  section: Section,
  id: string,
  version: string,
  dryRun: boolean,
): Promise<Answer<Outcome>> => {
  const query = new URLSearchParams({ version, dry_run: String(dryRun) });
  return call("DELETE", `${section}/${encodeURIComponent(id)}?${query}`, outcome);
};

export const versions = (): Promise<Answer<readonly Version[]>> =>
  call("GET", "history?limit=200", (json) => list(object(json) ?? {}, "versions").map(version));

export const diff = (id: number): Promise<Answer<string>> =>
  call("GET", `history/${id}`, (json) => text(object(json)?.diff));

export const restore = (id: number, dryRun: boolean): Promise<Answer<Outcome>> =>
  call("POST", `history/${id}/restore?dry_run=${dryRun}`, outcome, {});

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function outcome(json: unknown): Outcome {
  const fields = object(json) ?? {};
  const texts = (key: string): readonly string[] => list(fields, key).map(text);
  return {
    version: text(fields.version),
    added: texts("added"),
    removed: texts("removed"),
    changed: Object.keys(object(fields.changed) ?? {}),
    needsRestart: texts("needs_restart"),
    warnings: mistakes(fields, "warnings"),
  };
}

function mistakes(from: Readonly<Record<string, unknown>>, key: string): readonly Mistake[] {
  return list(from, key).map((one) => {
    const { line, key: at, message, remedy } = object(one) ?? {};
    const number = typeof line === "number" ? line : 0;
    return { line: number, key: text(at), message: text(message), remedy: text(remedy) };
  });
}

function version(json: unknown): Version {
  const { id, at, by, what } = object(json) ?? {};
  const actor = object(by);
  return {
    id: typeof id === "number" ? id : 0,
    atMs: typeof at === "number" ? at / 1000 : 0,
    by: actor === undefined ? null : text(actor.person) || text(actor.user),
    what: said(object(what) ?? {}),
  };
}

/** What was changed, in the file's own words. */
function said(what: Readonly<Record<string, unknown>>): string {
  return Object.entries(what)
    .map(([key, value]) => `${key} ${Array.isArray(value) ? value.join(", ") : String(value)}`)
    .join(" · ");
}
