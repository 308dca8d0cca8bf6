//! Which alerts the console's list shows. Pure.

import { inOrder, isAway, isMine, type Me, needsPerson } from "../../alert/order";
import { finds, searchable } from "../../fold";
import type { Alert } from "../../wire/alert";

/** `open`: all that is not over and not put away; `shelf`: what is put away. */
export const TABS = ["open", "waiting", "mine", "shelf"] as const;
export type Tab = (typeof TABS)[number];

export interface Wish {
  readonly tab: Tab;
  readonly search: string;
}

export interface Selection {
  /** In the order in which they are to be handled. */
  readonly shown: readonly Alert[];
  /** How many each tab holds of what was searched for. */
  readonly counts: Readonly<Record<Tab, number>>;
}

/** `text` are all words by which people look for an alert. */
export function select(
  alerts: readonly Alert[],
  { tab, search }: Wish,
  me: Me,
  text: (alert: Alert) => string,
): Selection {
  const wished = alerts.filter(
    (alert) =>
      alert.state !== "normal" && (search === "" || finds(search, searchable(text(alert)))),
  );
  const counts = { open: 0, waiting: 0, mine: 0, shelf: 0 };
  const shown: Alert[] = [];
  for (const alert of wished) {
    const tabs = tabsOf(alert, me);
    for (const one of tabs) counts[one] += 1;
    if (tabs.includes(tab)) shown.push(alert);
  }
  return { shown: inOrder(shown), counts };
}

function tabsOf(alert: Alert, me: Me): readonly Tab[] {
  if (isAway(alert)) return ["shelf"];
  const tabs: Tab[] = ["open"];
  if (needsPerson(alert)) tabs.push("waiting");
  if (isMine(alert, me)) tabs.push("mine");
  return tabs;
}
