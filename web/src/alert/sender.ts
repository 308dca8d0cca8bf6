//! Sends what the outbox holds, one act after the other.

import { type Alert, readAlert } from "../wire/alert";
import { object } from "../wire/json";

import type { Call } from "./call";
import { type Outbox, outcomeOf, type QueuedAct } from "./outbox";

const LOCK = "watchwall.acts";

export class Sender {
  private sending = false;

  constructor(
    private readonly outbox: Outbox,
    private readonly call: Call,
    private readonly now: () => number,
    /** The alert after an act, if one was answered. */
    private readonly done: (alert: Alert | undefined) => void,
  ) {}

  /** A person did something: it is kept first, then sent. */
  act(alert: string, act: string, fields: QueuedAct["fields"] = {}): void {
    this.outbox.put({
      request: newRequest(),
      alert,
      act,
      fields,
      person: this.call.person,
      askedMs: Date.now(),
      refused: null,
    });
    this.done(undefined);
    this.tick();
  }

  /** A few times a second. */
  tick(): void {
    if (this.sending || !navigator.onLine) return;
    if (this.outbox.next(this.now()) === null) return;
    this.sending = true;
    // Two pages of one phone share the queue. Where there are no locks the ids keep it right.
    const sent = navigator.locks?.request(LOCK, { ifAvailable: true }, async (lock) => {
      if (lock !== null) await this.send();
    });
    void (sent ?? this.send()).finally(() => {
      this.sending = false;
    });
  }

  private async send(): Promise<void> {
    const act = this.outbox.next(this.now());
    if (act === null) return;
    const body = { ...act.fields, request: act.request, asked_at: Math.round(act.askedMs * 1000) };
    const path = `alerts/${act.alert}/${act.act}`;
    const read = (json: unknown): Alert | undefined => readAlert(object(json)?.alert ?? json);
    const answer = await this.call.post(path, body, read, { person: act.person });
    const outcome = answer.ok ? ({ how: "done" } as const) : outcomeOf(answer.status, answer.why);
    this.outbox.sent(act, outcome, this.now(), Date.now());
    this.done(answer.ok ? answer.value : undefined);
  }
}

/** `crypto.randomUUID` is for secure pages only; a page over plain HTTP needs one all the same. */
export function newRequest(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
