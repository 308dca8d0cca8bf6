//! The lines of the list: an alert each, or groups that open, and how the keyboard goes through them.
//! Pure: lines are known by keys, so that a choice stays with its alert while the list changes.

import { type Group, grouped } from "../../alert/order";
import type { Alert } from "../../wire/alert";

export type Line =
  | { readonly kind: "alert"; readonly key: string; readonly alert: Alert; readonly level: 1 | 2 }
  | {
      readonly kind: "group";
      readonly key: string;
      readonly group: Group;
      readonly open: boolean;
    };

export const keyOf = ({ id }: Pick<Alert, "id">): string => `alert-${id}`;

/** The alerts in their order, or by site and kind while there is a flood. */
export function linesOf(
  ordered: readonly Alert[],
  flooded: boolean,
  open: ReadonlySet<string>,
): readonly Line[] {
  if (!flooded) return ordered.map((alert) => lineOf(alert, 1));
  return grouped(ordered).flatMap((group): readonly Line[] => {
    const [only] = group.alerts;
    // A group of one would only hide it.
    if (only !== undefined && group.alerts.length === 1) return [lineOf(only, 1)];
    const key = `group-${group.key}`;
    const head = { kind: "group", key, group, open: open.has(key) } as const;
    return head.open ? [head, ...group.alerts.map((alert) => lineOf(alert, 2))] : [head];
  });
}

/** The group in which an alert lies hidden or shown; `null` where it stands alone. */
export function groupOf(ordered: readonly Alert[], id: string): string | null {
  const group = grouped(ordered).find(({ alerts }) => alerts.some((one) => one.id === id));
  return group === undefined || group.alerts.length === 1 ? null : `group-${group.key}`;
}

/**
 * From the line that was chosen so many lines on, within the list. One that has left the list leaves
 * its place: the next step goes on from there, and never onto something that came by itself.
 */
export function step(
  lines: readonly Line[],
  chosen: string | null,
  place: number,
  by: number,
): number {
  const last = lines.length - 1;
  const at = lines.findIndex(({ key }) => key === chosen);
  if (at >= 0) return clamp(at + by, last);
  if (chosen === null) return by > 0 ? 0 : last;
  // What stood behind it has moved up into its place.
  return clamp(by > 0 ? place + by - 1 : place + by, last);
}

function clamp(at: number, last: number): number {
  return Math.max(0, Math.min(last, at));
}

function lineOf(alert: Alert, level: 1 | 2): Line {
  return { kind: "alert", key: keyOf(alert), alert, level };
}
