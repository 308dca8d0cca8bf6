//! Which cameras the list shows, and in what order: decided from what the address says, so that a
//! link carries it.

import { isLost } from "../face";
import { finds, searchable } from "../fold";
import type { Sites } from "../sites";
import { SEVERITIES } from "../wire/health";
import type { Camera, State } from "../wire/messages";

export const SORTS = ["severity", "since", "number", "name", "site"] as const;
export type Sort = (typeof SORTS)[number];

/** What is wished for; empty texts wish for nothing. */
export interface Filter {
  readonly text: string;
  /** A site, with all below it; `-` for cameras at no site. */
  readonly site: string;
  readonly state: string;
  readonly condition: string;
  readonly sort: Sort;
  readonly descending: boolean;
}

export const EVERYTHING: Filter = {
  text: "",
  site: "",
  state: "",
  condition: "",
  sort: "severity",
  descending: false,
};

/** The site of cameras that have none. */
export const NO_SITE = "-";

/** Reads the address; what it does not know is left at its default. */
export function readFilter(query: URLSearchParams): Filter {
  const text = (name: string): string => (query.get(name) ?? "").slice(0, 100);
  const sort = SORTS.find((one) => one === query.get("sort")) ?? EVERYTHING.sort;
  return {
    text: text("q"),
    site: text("site"),
    state: text("state"),
    condition: text("condition"),
    sort,
    descending: query.get("dir") === "desc",
  };
}

/** Writes it into a copy of the address' query: only what differs from the default. */
export function writeFilter(filter: Filter, query: URLSearchParams): URLSearchParams {
  const written = new URLSearchParams(query);
  const values: Readonly<Record<string, string>> = {
    q: filter.text,
    site: filter.site,
    state: filter.state,
    condition: filter.condition,
    sort: filter.sort === EVERYTHING.sort ? "" : filter.sort,
    dir: filter.descending ? "desc" : "",
  };
  for (const [name, value] of Object.entries(values)) {
    if (value === "") written.delete(name);
    else written.set(name, value);
  }
  return written;
}

export interface Selection {
  readonly shown: readonly Camera[];
  /** How many there are in each state, the wish for a state left aside. */
  readonly counts: ReadonlyMap<State, number>;
  /** All of them together. */
  readonly counted: number;
}

/** The cameras that are wished for, in order. */
export function select(cameras: Iterable<Camera>, filter: Filter, sites: Sites): Selection {
  const counts = new Map<State, number>();
  const shown: Camera[] = [];
  let counted = 0;
  for (const camera of cameras) {
    if (!matches(camera, filter, sites)) continue;
    counted += 1;
    counts.set(camera.state, (counts.get(camera.state) ?? 0) + 1);
    if (filter.state === "" || camera.state === filter.state) shown.push(camera);
  }
  const order = ORDERS[filter.sort];
  const sign = filter.descending ? -1 : 1;
  shown.sort((a, b) => sign * order(a, b, sites) || byNumber(a, b));
  return { shown, counts, counted };
}

/** When it became what it is: its worst condition's beginning, else its state's. */
export function troubledSince(camera: Camera): number | null {
  const begins = camera.standing[0]?.sinceMs ?? null;
  return isWell(camera) ? camera.sinceMs : (begins ?? camera.sinceMs);
}

/** Live, and with nothing to say about it. */
export function isWell({ state, standing, conditions }: Camera): boolean {
  return state === "online" && standing.length === 0 && conditions.length === 0;
}

function matches(camera: Camera, filter: Filter, sites: Sites): boolean {
  if (filter.condition !== "" && !camera.conditions.includes(filter.condition)) return false;
  if (filter.site === NO_SITE && camera.site !== null) return false;
  if (filter.site !== "" && filter.site !== NO_SITE && !sites.isWithin(camera.site, filter.site)) {
    return false;
  }
  return filter.text.trim() === "" || finds(filter.text.trim(), textOf(camera, sites));
}

/** What a search looks through; worked out once for a camera as it is. */
const texts = new WeakMap<Camera, string>();

function textOf(camera: Camera, sites: Sites): string {
  const known = texts.get(camera);
  if (known !== undefined) return known;
  const site = camera.site === null ? "" : sites.path(camera.site).join(" ");
  const { number, name, id, tags } = camera;
  const text = searchable([number, name, id, site, ...tags].join(" "));
  // Sites may not have been told yet.
  if (camera.site === null || sites.site(camera.site) !== undefined) texts.set(camera, text);
  return text;
}

type Order = (a: Camera, b: Camera, sites: Sites) => number;

const ORDERS: Readonly<Record<Sort, Order>> = {
  // Those that are well stand as people count them: nothing there is news.
  severity: (a, b) => badness(b) - badness(a) || (isWell(a) ? 0 : newest(a, b)),
  since: newest,
  number: byNumber,
  name: (a, b) => COLLATOR.compare(a.name, b.name),
  site: (a, b, sites) => COLLATOR.compare(siteOf(a, sites), siteOf(b, sites)),
};

const COLLATOR = new Intl.Collator("vi", { numeric: true });

/** Cameras at no site come last. */
function siteOf({ site }: Camera, sites: Sites): string {
  return site === null ? "\uffff" : sites.path(site).join("\u0001");
}

function byNumber(a: Camera, b: Camera): number {
  return a.number - b.number || (a.id < b.id ? -1 : 1);
}

/** What happened last comes first. */
function newest(a: Camera, b: Camera): number {
  return (troubledSince(b) ?? 0) - (troubledSince(a) ?? 0);
}

/**
 * How much a camera wants to be looked at: by its state first, then by the worst that stands. One
 * that is lost with its whole site waits behind the others: the site is what to look at.
 */
export function badness(camera: Camera): number {
  if (camera.maskedBy !== null && isLost(camera)) return 10 * MASKED;
  const worst = Math.max(
    -1,
    ...camera.standing.map(({ severity }) => SEVERITIES.indexOf(severity)),
  );
  return 10 * BY_STATE[camera.state] + worst + 1;
}

const MASKED = 2;
const BY_STATE: Readonly<Record<State, number>> = {
  offline: 8,
  stalled: 7,
  unknown: 6,
  suspect: 5,
  "waiting-parameters": 4,
  "waiting-keyframe": 4,
  connecting: 3,
  online: 1,
  maintenance: 0,
};

/** The states in the order in which they are counted. */
export const STATES: readonly State[] = [
  "offline",
  "stalled",
  "suspect",
  "waiting-parameters",
  "waiting-keyframe",
  "connecting",
  "unknown",
  "maintenance",
  "online",
];
