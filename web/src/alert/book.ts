//! The alerts as this page knows them. The newest change of an alert wins, in whatever order list and
//! changes come.

import type { Alert } from "../wire/alert";

/** What is over stays known for so long: to be shown as done, and to outlive a list on its way. */
const OVER_MS = 120_000;

export class AlertBook {
  private readonly known = new Map<string, Alert>();
  private readonly overAt = new Map<string, number>();
  /** Known from before: whatever comes now is newer, also where its number is smaller. */
  private doubtful = new Set<string>();

  /** A list is on its way, perhaps of another store: what is known is only shown until then. */
  doubt(): void {
    this.doubtful = new Set(this.known.keys());
  }

  /** Takes an alert after a change; says whether that is news. */
  apply(alert: Alert, nowMs: number): boolean {
    const before = this.known.get(alert.id);
    const doubtful = this.doubtful.delete(alert.id);
    if (before !== undefined && before.seq >= alert.seq && !doubtful) return false;
    this.known.set(alert.id, alert);
    if (alert.state === "normal") this.overAt.set(alert.id, nowMs);
    else this.overAt.delete(alert.id);
    return true;
  }

  /** Takes the list of what was open at `head`: what it does not name was over by then. */
  replace(alerts: readonly Alert[], head: number, nowMs: number): void {
    const named = new Set(alerts.map(({ id }) => id));
    for (const [id, { seq }] of this.known) {
      if (!named.has(id) && (seq <= head || this.doubtful.has(id))) this.forget(id);
    }
    for (const alert of alerts) this.apply(alert, nowMs);
    this.doubtful.clear();
  }

  /** Lets go of what has been over for long; says whether there was any. */
  tidy(nowMs: number): boolean {
    const gone = [...this.overAt].filter(([, at]) => nowMs - at > OVER_MS);
    for (const [id] of gone) this.forget(id);
    return gone.length > 0;
  }

  alert(id: string): Alert | undefined {
    return this.known.get(id);
  }

  get open(): readonly Alert[] {
    return [...this.known.values()].filter(({ state }) => state !== "normal");
  }

  get all(): readonly Alert[] {
    return [...this.known.values()];
  }

  private forget(id: string): void {
    this.known.delete(id);
    this.doubtful.delete(id);
    this.overAt.delete(id);
  }
}
