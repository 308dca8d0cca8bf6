//! Which alerts come first, whose they are, and how a flood of them turns to groups.

import type { Alert, AlertState, Priority } from "../wire/alert";
import type { People } from "../wire/people";

const PRIORITY: Readonly<Record<Priority, number>> = { high: 0, medium: 1, low: 2 };
/** Those that need a person, then those that somebody has, then those that are put away. */
const STATE: Readonly<Record<AlertState, number>> = {
  unacknowledged: 0,
  "returned-unacknowledged": 0,
  acknowledged: 1,
  shelved: 2,
  suppressed: 2,
  "out-of-service": 2,
  normal: 3,
};

/** Nobody has taken it, and it is not put away. */
export function needsPerson({ state }: Alert): boolean {
  return STATE[state] === 0;
}

/** It is put away: on the shelf, by plan, or with its camera. */
export function isAway({ state }: Alert): boolean {
  return STATE[state] === 2;
}

/** The last step was taken: nobody read it, and everyone was told. */
export function toldEveryone(alert: Alert): boolean {
  return needsPerson(alert) && alert.read === null && alert.stage?.everyone === true;
}

/** Who looks: the person, and the positions that the person holds now. */
export interface Me {
  readonly person: string | null;
  readonly positions: ReadonlySet<string>;
}

export function meOf(person: string | null, people: People): Me {
  const held = people.positions.filter(({ onDuty }) => onDuty.includes(person ?? ""));
  return { person, positions: new Set(held.map(({ id }) => id)) };
}

/** Whether an alert is this person's: of a position held now, given to them, or told to them. */
export function isMine(alert: Alert, me: Me): boolean {
  if (me.person === null) return true;
  return (
    me.positions.has(alert.position) ||
    alert.assigned === me.person ||
    alert.acknowledged?.by === me.person ||
    (alert.stage?.told.includes(me.person) ?? false) ||
    toldEveryone(alert)
  );
}

/** By priority, then the longest waiting first, among those that need a person before the others. */
export function inOrder(alerts: readonly Alert[]): readonly Alert[] {
  return alerts.toSorted(
    (a, b) =>
      STATE[a.state] - STATE[b.state] ||
      PRIORITY[a.priority] - PRIORITY[b.priority] ||
      a.openedMs - b.openedMs ||
      // Not by `seq`: reading one would move it.
      (a.id < b.id ? -1 : 1),
  );
}

/** Alerts of one kind at one site. */
export interface Group {
  readonly key: string;
  readonly kind: string;
  readonly site: string | null;
  /** The highest of any of them. */
  readonly priority: Priority;
  readonly waiting: number;
  readonly alerts: readonly Alert[];
}

/** Every alert is in exactly one group; groups are ordered as their first alerts are. */
export function grouped(alerts: readonly Alert[]): readonly Group[] {
  const groups = new Map<string, Alert[]>();
  for (const alert of inOrder(alerts)) {
    const key = `${alert.site ?? ""} ${alert.kind}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [alert]);
    else group.push(alert);
  }
  return [...groups].map(([key, members]) => {
    const [first] = members;
    const highest = members.reduce(
      (best, { priority }) => (PRIORITY[priority] < PRIORITY[best] ? priority : best),
      "low" as Priority,
    );
    return {
      key,
      kind: first?.kind ?? "",
      site: first?.site ?? null,
      priority: highest,
      waiting: members.filter(needsPerson).length,
      alerts: members,
    };
  });
}
