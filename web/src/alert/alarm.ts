//! Whether to ring: for every high alert that needs a person, once for each time it is raised and for
//! each step that it goes up, until somebody touches the page.

import type { Alert } from "../wire/alert";
import { needsPerson } from "./order";

export class Alarm {
  private ringing = new Set<string>();
  private readonly heard = new Set<string>();

  /** Looks at the alerts that are this person's; says whether to ring. */
  judge(alerts: readonly Alert[]): boolean {
    const now = alerts.filter(isLoud).map(keyOf);
    this.ringing = new Set(now.filter((key) => !this.heard.has(key)));
    // What is over is forgotten, so that the memory ends.
    const still = new Set(now);
    for (const key of this.heard) if (!still.has(key)) this.heard.delete(key);
    return this.ringing.size > 0;
  }

  /** Somebody touched the page: what rings has been heard. */
  touch(): void {
    for (const key of this.ringing) this.heard.add(key);
    this.ringing.clear();
  }
}

function isLoud(alert: Alert): boolean {
  return alert.priority === "high" && needsPerson(alert) && alert.read === null;
}

function keyOf({ id, count, stage, chattering }: Alert): string {
  return `${id} ${chattering ? "" : count} ${stage?.step ?? ""}`;
}
