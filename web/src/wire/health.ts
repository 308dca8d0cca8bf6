//! Health in JSON as types: what stands at a camera, sites, orders of maintenance. Each field is
//! checked for type, range and length; an entry that cannot be read is left out and hides no other.

import { list, object, readText, readTime, readU32, SENTENCE_MAX } from "./json";

/** The ladder from the cable to a right picture, lowest rung first. */
export const RUNGS = [
  "reachable",
  "signed-in",
  "frames",
  "keyframes",
  "picture-alive",
  "picture-right",
  "clock-right",
  "as-ordered",
] as const;
export type Rung = (typeof RUNGS)[number];

/** How much a condition matters, the least first. */
export const SEVERITIES = ["notice", "verify", "warning", "critical"] as const;
export type Severity = (typeof SEVERITIES)[number];

/** A condition that is raised. */
export interface Standing {
  readonly condition: string;
  readonly severity: Severity;
  readonly sinceMs: number | null;
  /** The service's words and figures, one English sentence. */
  readonly evidence: string;
}

/** An order of maintenance as a camera carries it. */
export interface Order {
  readonly id: number;
  readonly untilMs: number | null;
  readonly reason: string;
  readonly by: string;
}

/** An order in the list of all orders. */
export interface ListedOrder extends Order {
  /** A camera's id, `site:…`, `tag:…` or `*`. */
  readonly scope: string;
  readonly fromMs: number | null;
}

export interface Site {
  readonly id: string;
  readonly name: string;
  readonly parent: string | null;
  /** Cameras of it and of the sites below it … */
  readonly cameras: number;
  /** … and how many of them can be watched. */
  readonly watchable: number;
  readonly downSinceMs: number | null;
  readonly evidence: string | null;
}

/** More than any province has; a longer list is cut. */
const SITES_MAX = 4096;
const ORDERS_MAX = 1000;

export function readRung(value: unknown): Rung | null {
  return RUNGS.find((rung) => rung === value) ?? null;
}

export function readSeverity(value: unknown): Severity {
  // One that this page does not know is not to be overlooked.
  return SEVERITIES.find((severity) => severity === value) ?? "warning";
}

export function readStanding(list: readonly unknown[]): readonly Standing[] {
  return list.slice(0, 32).flatMap((entry) => {
    const json = object(entry);
    const condition = readText(json?.condition);
    if (json === undefined || !condition) return [];
    const evidence = readText(json.evidence, SENTENCE_MAX) ?? "";
    const severity = readSeverity(json.severity);
    return [{ condition, severity, sinceMs: readTime(json.since), evidence }];
  });
}

export function readOrder(entry: unknown): Order | undefined {
  const json = object(entry);
  const id = readU32(json?.id);
  if (json === undefined || id === undefined) return undefined;
  const reason = readText(json.reason, SENTENCE_MAX) ?? "";
  return { id, untilMs: readTime(json.until), reason, by: readText(json.by) ?? "" };
}

/** Reads the answer of `GET /api/v1/maintenance`. */
export function readOrders(json: unknown): readonly ListedOrder[] {
  return list(json, "orders", "maintenance")
    .slice(0, ORDERS_MAX)
    .flatMap((entry) => {
      const order = readOrder(entry);
      const scope = readText(object(entry)?.scope);
      if (order === undefined || !scope) return [];
      return [{ ...order, scope, fromMs: readTime(object(entry)?.from) }];
    });
}

export function readSites(entries: readonly unknown[]): readonly Site[] {
  return entries.slice(0, SITES_MAX).flatMap((entry) => {
    const json = object(entry);
    const id = readText(json?.id);
    if (json === undefined || !id) return [];
    return [
      {
        id,
        name: readText(json.name) || id,
        parent: readText(json.parent) ?? null,
        cameras: readU32(json.cameras) ?? 0,
        watchable: readU32(json.watchable) ?? 0,
        downSinceMs: readTime(json.down_since),
        evidence: readText(json.evidence, SENTENCE_MAX) ?? null,
      },
    ];
  });
}
