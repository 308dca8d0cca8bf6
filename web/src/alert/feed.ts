//! The alerts as they come: follows the control socket that a page has, fetches the list when one is
//! wanted, and confirms what has come.

import { type Alert, type Mix, readAlertList } from "../wire/alert";
import type { ServerMessage } from "../wire/messages";
import { AlertBook } from "./book";
import type { Call } from "./call";
import { Follower } from "./follow";

/** Before a list that did not come is asked for again. */
const AGAIN_MS = 2000;

export interface FloodNow {
  readonly sinceMs: number;
  readonly inTenMinutes: number;
}

export class Feed {
  readonly book = new AlertBook();
  readonly follower = new Follower();
  /** Positions that get more than a person can take. */
  readonly floods = new Map<string, FloodNow>();
  mix: Mix | null = null;
  private asking = false;
  private askAgainMs: number | null = null;
  /** A list that was asked for before this is of no use any more. */
  private generation = 0;

  constructor(
    private readonly call: Call,
    private readonly send: (message: string) => void,
    private readonly now: () => number,
    private readonly changed: () => void,
  ) {}

  message(message: ServerMessage): void {
    switch (message.type) {
      case "hello": {
        const { after, list } = this.follower.hello(message.alertHead);
        this.send(JSON.stringify({ type: "resume", after }));
        this.floods.clear();
        if (list) {
          this.book.doubt();
          this.fetch();
        }
        this.changed();
        break;
      }
      case "heartbeat":
        this.follower.heartbeat(message.alertHead, this.now());
        break;
      case "alert":
        if (this.follower.change(message.alert.seq)) this.take(message.alert);
        break;
      case "flood": {
        const { position, sinceMs, inTenMinutes } = message.flood;
        if (sinceMs === null) this.floods.delete(position);
        else this.floods.set(position, { sinceMs, inTenMinutes });
        this.changed();
        break;
      }
      case "reset":
        this.follower.reset();
        break;
    }
  }

  ended(): void {
    this.follower.ended();
    this.changed();
  }

  /** An alert that came another way: in the answer to an act. */
  take(alert: Alert): void {
    if (this.book.apply(alert, this.now())) this.changed();
  }

  /** Alerts that were kept from an earlier visit, until the list comes. */
  recall(alerts: readonly Alert[]): void {
    for (const alert of alerts) this.take(alert);
  }

  /** A few times a second. */
  tick(): void {
    const at = this.now();
    if (this.askAgainMs !== null && at >= this.askAgainMs) this.fetch();
    const seq = this.follower.confirm(at);
    if (seq !== null) this.send(JSON.stringify({ type: "received", seq }));
    if (this.book.tidy(at)) this.changed();
  }

  private fetch(): void {
    this.askAgainMs = null;
    this.generation += 1;
    const { generation } = this;
    if (this.asking) return;
    this.asking = true;
    void this.call.get("alerts?open=true&limit=1000", readAlertList).then((answer) => {
      this.asking = false;
      // A new connection wished for another list meanwhile, which begins where it began.
      if (generation !== this.generation) {
        this.fetch();
        return;
      }
      if (!answer.ok) {
        this.askAgainMs = this.now() + AGAIN_MS;
        return;
      }
      const { alerts, head, floods, mix } = answer.value;
      this.book.replace(alerts, head, this.now());
      for (const { position, sinceMs, inTenMinutes } of floods) {
        if (sinceMs !== null) this.floods.set(position, { sinceMs, inTenMinutes });
      }
      this.mix = mix;
      this.follower.list();
      this.changed();
    });
  }
}
