//! Calls of the configuration's API. What the service finds wrong comes back with every mistake.

import { type Answer, ask, type Failure, type Method, sending } from "../api";
import { list, object, readTime, text } from "../wire/json";

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
  /** Each camera with the keys that differ. */
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
  /** Empty: the configuration file itself. */
  readonly file: string;
  readonly atMs: number;
  readonly by: string | null;
  readonly what: string;
}

/** A sheet of a thousand cameras is read, compared and written in some seconds. */
const SHEET_WITHIN_MS = 30_000;
/** The service answers a probe within 14 s. */
const PROBE_WITHIN_MS = 20_000;

function call<T>(
  path: string,
  read: (json: unknown) => T,
  method?: Method,
  body?: unknown,
): Promise<Answer<T>> {
  const init = method === undefined ? {} : sending(method, body);
  return ask(`configuration/${path}`, read, init);
}

export const entries = (section: Section): Promise<Answer<Entries>> =>
  call(section, (json) => {
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
  call(`${section}/${encodeURIComponent(id)}?dry_run=${dryRun}`, outcome, "PUT", change);

export const remove = (
  section: Section,
  id: string,
  version: string,
  dryRun: boolean,
): Promise<Answer<Outcome>> => {
  const query = new URLSearchParams({ version, dry_run: String(dryRun) });
  return call(`${section}/${encodeURIComponent(id)}?${query}`, outcome, "DELETE");
};

export const versions = (): Promise<Answer<readonly Version[]>> =>
  call("history?limit=200", (json) => list(object(json) ?? {}, "versions").map(version));

export const diff = (id: number): Promise<Answer<string>> =>
  call(`history/${id}`, (json) => text(object(json)?.diff));

export const restore = (id: number, dryRun: boolean): Promise<Answer<Outcome>> =>
  call(`history/${id}/restore?dry_run=${dryRun}`, outcome, "POST", {});

/** What a list of cameras comes to; with `version`, only if the file is still as it was. */
export function importCameras(
  sheet: string,
  version: string,
  dryRun: boolean,
): Promise<Answer<Outcome>> {
  const query = new URLSearchParams({ version, dry_run: String(dryRun) });
  return ask(`cameras/import?${query}`, outcome, csv(sheet));
}

/** An entry of the roster for one day. */
export interface Dated {
  readonly fromMs: number;
  readonly untilMs: number;
  readonly position: string;
  readonly people: readonly string[];
}

export interface RosterChange {
  /** Of the roster that the sheet was compared with. */
  readonly version: string;
  readonly added: readonly Dated[];
  readonly removed: readonly Dated[];
  readonly unchanged: number;
  readonly faults: readonly Mistake[];
}

export const rosterSheet = (): Promise<Answer<string>> => ask("roster/import", text);

/** What a sheet does to the roster, without `version` as a try; with it, only if the roster is still the same. */
export function importRoster(sheet: string, version?: string): Promise<Answer<RosterChange>> {
  const query = new URLSearchParams(version === undefined ? { dry_run: "true" } : { version });
  return ask(`roster/import?${query}`, rosterChange, csv(sheet));
}

function csv(sheet: string): RequestInit {
  return {
    method: "POST",
    headers: { "content-type": "text/csv" },
    body: sheet,
    signal: AbortSignal.timeout(SHEET_WITHIN_MS),
  };
}

/** What was found at a camera. */
export interface Found {
  readonly works: boolean;
  /** Why not, as the wall names it; empty if it works. */
  readonly condition: string;
  readonly evidence: string;
  readonly codec: string;
  readonly size: string;
  readonly keyframeS: number | null;
}

export interface Tried extends Omit<Change, "version"> {
  readonly stream: "sub" | "main";
}

/** Tries a camera as it stands in the form; nothing is written down. */
export const probe = (id: string, form: Tried): Promise<Answer<Found>> =>
  ask(`configuration/camera/${encodeURIComponent(id)}/probe`, found, {
    ...sending("POST", form),
    signal: AbortSignal.timeout(PROBE_WITHIN_MS),
  });

/** The mistakes that a refusal tells. */
export function mistakesOf({ problem }: Failure): readonly Mistake[] {
  return mistakes(object(problem) ?? {}, "faults");
}

function found(json: unknown): Found {
  const { works, condition, evidence, codec, width, height, keyframe_interval_s } =
    object(json) ?? {};
  return {
    works: works === true,
    condition: text(condition),
    evidence: text(evidence),
    codec: text(codec),
    size: typeof width === "number" && typeof height === "number" ? `${width} × ${height}` : "",
    keyframeS: typeof keyframe_interval_s === "number" ? keyframe_interval_s : null,
  };
}

function rosterChange(json: unknown): RosterChange {
  const fields = object(json) ?? {};
  const dated = (key: string): readonly Dated[] =>
    list(fields, key).map((one) => {
      const entry = object(one) ?? {};
      const { from, until, position } = entry;
      return {
        fromMs: readTime(from) ?? 0,
        untilMs: readTime(until) ?? 0,
        position: text(position),
        people: list(entry, "people").map(text),
      };
    });
  return {
    version: text(fields.version),
    added: dated("added"),
    removed: dated("removed"),
    unchanged: typeof fields.unchanged === "number" ? fields.unchanged : 0,
    faults: mistakes(fields, "faults"),
  };
}

function outcome(json: unknown): Outcome {
  const fields = object(json) ?? {};
  const texts = (key: string): readonly string[] => list(fields, key).map(text);
  return {
    version: text(fields.version),
    added: texts("added"),
    removed: texts("removed"),
    changed: Object.entries(object(fields.changed) ?? {}).map(([id, keys]) =>
      Array.isArray(keys) ? `${id} (${keys.map(text).join(", ")})` : id,
    ),
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
  const { id, file, at, by, what } = object(json) ?? {};
  const actor = object(by);
  return {
    id: typeof id === "number" ? id : 0,
    file: text(file),
    atMs: readTime(at) ?? 0,
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
