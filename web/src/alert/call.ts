//! Calls about alerts, made for somebody.

import { type Answer, ask } from "../api";

/** A list at 32 kbit/s takes its time. */
const WITHIN_MS = 60_000;

export class Call {
  constructor(readonly person: string | null) {}

  get<T>(path: string, read: (json: unknown) => T): Promise<Answer<T>> {
    const signal = AbortSignal.timeout(WITHIN_MS);
    return ask(path, read, { headers: this.headers(this.person), signal });
  }

  post<T>(
    path: string,
    body: unknown,
    read: (json: unknown) => T,
    { person = this.person, withinMs = WITHIN_MS } = {},
  ): Promise<Answer<T>> {
    const headers = { ...this.headers(person), "content-type": "application/json" };
    const signal = AbortSignal.timeout(withinMs);
    return ask(path, read, { method: "POST", headers, body: JSON.stringify(body), signal });
  }

  /** What the control socket is opened with. */
  socketQuery(as: "desk" | "phone" | "console"): string {
    const query = new URLSearchParams();
    if (this.person !== null) query.set("person", this.person);
    if (as === "phone") query.set("only", "alerts");
    if (as === "console") query.set("at", "console");
    return query.size === 0 ? "" : `?${query}`;
  }

  private headers(person: string | null): Record<string, string> {
    return person === null ? {} : { "x-watchwall-person": person };
  }
}
