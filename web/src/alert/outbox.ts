//! What a person did here and the service does not have yet. Each act carries an id of its own, made
//! up once: however often it is sent, it is done once. Decides only; `sender` sends.

/** Somewhere that outlives the page; `localStorage` in a browser. */
export interface Shelf {
  keys(): readonly string[];
  get(key: string): string | null;
  set(key: string, value: string): void;
  remove(key: string): void;
}

export interface QueuedAct {
  /** Its own id. */
  readonly request: string;
  readonly alert: string;
  readonly act: string;
  readonly fields: Readonly<Record<string, string | number | null>>;
  /** Who did it: it stays theirs, whoever uses the phone when it is sent. */
  readonly person: string | null;
  /** When, Unix milliseconds. */
  readonly askedMs: number;
  /** The service said no, in its words; it is shown until somebody has seen it. */
  readonly refused: string | null;
}

/** How a sending ended. */
export type Outcome =
  | { readonly how: "done" }
  /** There was no answer, or one that asks to come again. */
  | { readonly how: "later" }
  | { readonly how: "refused"; readonly why: string };

const PREFIX = "watchwall.act.";
/** An act that nobody could send for this long is told as failed: the alert has gone its way. */
const TOO_OLD_MS = 24 * 3_600_000;
/** Waits between tries while there is no answer. */
const RETRY_MS = [0, 1000, 2000, 5000, 10_000] as const;

export class Outbox {
  private failures = 0;
  private triedMs = Number.NEGATIVE_INFINITY;

  constructor(private readonly shelf: Shelf) {}

  /** Keeps an act. Doing the same to the same alert again while it waits changes nothing. */
  put(act: QueuedAct): void {
    const silent = act.act === "read" || act.act === "acknowledge";
    const same = this.waiting.some(
      (one) => one.alert === act.alert && one.act === act.act && one.person === act.person,
    );
    if (silent && same) return;
    this.shelf.set(PREFIX + act.request, JSON.stringify(act));
    // What somebody has just pressed does not wait for what failed before.
    this.failures = 0;
  }

  /** All that is kept, oldest first, also what was put there by another page of ours. */
  get acts(): readonly QueuedAct[] {
    const keys = this.shelf.keys().filter((key) => key.startsWith(PREFIX));
    return keys
      .flatMap((key) => readAct(this.shelf.get(key)) ?? [])
      .sort((a, b) => a.askedMs - b.askedMs || (a.request < b.request ? -1 : 1));
  }

  get waiting(): readonly QueuedAct[] {
    return this.acts.filter(({ refused }) => refused === null);
  }

  /** What to send now, in the order in which it was done; `null`: nothing, or not yet. */
  next(nowMs: number): QueuedAct | null {
    const wait = RETRY_MS[Math.min(this.failures, RETRY_MS.length - 1)] ?? 0;
    if (nowMs - this.triedMs < wait) return null;
    const [first] = this.waiting;
    return first ?? null;
  }

  /** The service can be reached again. */
  hurry(): void {
    this.failures = 0;
  }

  sent(act: QueuedAct, outcome: Outcome, nowMs: number, unixMs: number): void {
    this.triedMs = nowMs;
    const key = PREFIX + act.request;
    const tooOld = unixMs - act.askedMs > TOO_OLD_MS;
    if (outcome.how === "done") {
      this.failures = 0;
      this.shelf.remove(key);
    } else if (outcome.how === "refused" || tooOld) {
      this.failures = 0;
      const refused = outcome.how === "refused" ? outcome.why : "";
      // That somebody else had read it first, or that it is over, concerns nobody.
      if (act.act === "read") this.shelf.remove(key);
      else this.shelf.set(key, JSON.stringify({ ...act, refused }));
    } else this.failures += 1;
  }

  /** Somebody has seen that it was refused. */
  dismiss(request: string): void {
    this.shelf.remove(PREFIX + request);
  }
}

/** What an answer's status means for an act. */
export function outcomeOf(status: number, why: string): Outcome {
  if (status >= 200 && status < 300) return { how: "done" };
  const again = status === 0 || status === 408 || status === 429 || status >= 500;
  // 501 never gets better.
  return again && status !== 501 ? { how: "later" } : { how: "refused", why };
}

function readAct(text: string | null): QueuedAct | undefined {
  try {
    const json = JSON.parse(text ?? "") as Partial<QueuedAct> | null;
    const { request, alert, act, askedMs } = json ?? {};
    if (typeof request !== "string" || typeof alert !== "string" || typeof act !== "string") {
      return undefined;
    }
    return {
      request,
      alert,
      act,
      fields: json?.fields ?? {},
      person: json?.person ?? null,
      askedMs: typeof askedMs === "number" ? askedMs : 0,
      refused: json?.refused ?? null,
    };
  } catch {
    return undefined;
  }
}
