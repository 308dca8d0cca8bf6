//! Which new alert brings its cameras up by itself. A person who handles something is never
//! interrupted, and nothing that has come up is replaced before it could be looked at. Pure: time is
//! an argument.

import { inOrder, needsPerson } from "../../alert/order";
import type { Alert } from "../../wire/alert";

/** What came up by itself stays at least so long. */
export const DWELL_MS = 15_000;

export class Arrival {
  private readonly seen = new Set<string>();
  private pending = new Set<string>();
  private shownMs = Number.NEGATIVE_INFINITY;
  private begun = false;

  /**
   * Looks at all open alerts, often; says which one to bring up now. `busy`: somebody handles an
   * alert, or has just touched the list.
   */
  judge(alerts: readonly Alert[], busy: boolean, nowMs: number): Alert | null {
    const loud = new Map(
      alerts
        .filter((alert) => alert.priority === "high" && needsPerson(alert))
        .map((alert) => [keyOf(alert), alert]),
    );
    for (const key of this.seen) if (!loud.has(key)) this.seen.delete(key);
    for (const key of this.pending) if (!loud.has(key)) this.pending.delete(key);
    for (const key of loud.keys()) if (!this.seen.has(key)) this.pending.add(key);
    for (const key of loud.keys()) this.seen.add(key);
    // What stood when the page began is not news, beyond the first of it.
    if (!this.begun)
      this.pending = new Set(
        inOrder([...loud.values()])
          .slice(0, 1)
          .map(keyOf),
      );
    this.begun = true;
    // Whoever is there knows what came while they were busy from the list and the sound.
    if (busy) this.pending.clear();
    if (busy || this.pending.size === 0 || nowMs - this.shownMs < DWELL_MS) return null;
    const [first] = inOrder([...this.pending].flatMap((key) => loud.get(key) ?? []));
    if (first === undefined) return null;
    this.pending.delete(keyOf(first));
    this.shownMs = nowMs;
    return first;
  }
}

/** Raised again is news again, unless it comes and goes all the time. */
function keyOf({ id, count, chattering }: Alert): string {
  return chattering ? id : `${id} ${count}`;
}
