//! Which alerts the desk shows, as the address has it. Pure: a link shows the same.

import { isAway, needsPerson } from "../alert/order";
import { finds, searchable } from "../fold";
import { type Alert, PRIORITIES, type Priority } from "../wire/alert";

/** `open`: everything that is not over, without what is put away. */
export const VIEWS = ["open", "waiting", "taken", "away", "over"] as const;
export type View = (typeof VIEWS)[number];

export interface DeskFilter {
  readonly view: View;
  readonly priority: Priority | null;
  readonly site: string | null;
  readonly position: string | null;
  readonly search: string;
  /** The alert that is open beside the list. */
  readonly alert: string | null;
}

export function readFilter(query: URLSearchParams): DeskFilter {
  const word = (name: string): string | null => query.get(name) || null;
  return {
    view: VIEWS.find((one) => one === query.get("view")) ?? "open",
    priority: PRIORITIES.find((one) => one === query.get("priority")) ?? null,
    site: word("site"),
    position: word("position"),
    search: query.get("q") ?? "",
    alert: word("a"),
  };
}

/** Writes the filter into an address, and leaves what else stands there. */
export function writeFilter(filter: DeskFilter, query: URLSearchParams): URLSearchParams {
  const { view, priority, site, position, search, alert } = filter;
  const fields = { view: view === "open" ? null : view, priority, site, position, a: alert };
  const result = new URLSearchParams(query);
  for (const [name, value] of Object.entries({ ...fields, q: search || null })) {
    if (value === null) result.delete(name);
    else result.set(name, value);
  }
  return result;
}

/** What the filter needs to know of the world. */
export interface Known {
  /** Whether a site lies at or below another. */
  isWithin(site: string | null, other: string): boolean;
  /** All words by which people may look for an alert. */
  text(alert: Alert): string;
}

export interface Selection {
  readonly shown: readonly Alert[];
  /** How many each view would show. */
  readonly counts: Readonly<Record<View, number>>;
}

export function select(alerts: readonly Alert[], filter: DeskFilter, known: Known): Selection {
  const { priority, site, position, search } = filter;
  const wished = alerts.filter(
    (alert) =>
      (priority === null || alert.priority === priority) &&
      (position === null || alert.position === position) &&
      (site === null || known.isWithin(alert.site, site)) &&
      (search === "" || finds(search, searchable(known.text(alert)))),
  );
  const counts = { open: 0, waiting: 0, taken: 0, away: 0, over: 0 };
  for (const alert of wished) for (const view of viewsOf(alert)) counts[view] += 1;
  return { shown: wished.filter((alert) => viewsOf(alert).includes(filter.view)), counts };
}

function viewsOf(alert: Alert): readonly View[] {
  if (alert.state === "normal") return ["over"];
  if (isAway(alert)) return ["away"];
  return needsPerson(alert) ? ["open", "waiting"] : ["open", "taken"];
}
