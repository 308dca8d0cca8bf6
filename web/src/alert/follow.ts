//! Following the alerts: from where to resume, when a fresh list is wanted, what to confirm, and
//! whether this page is behind. Decides only; `feed` does it. Time is an argument.

/** Further behind than this a list is shorter than the changes. */
const RESUME_MAX = 200;
/** A head that was told and has not come within this time: the page is behind. */
const BEHIND_MS = 3000;
/** Between two confirmations. */
const CONFIRM_MS = 1000;

/** What to do after `hello`. Live changes do not wait for the list. */
export interface Start {
  readonly after: number;
  readonly list: boolean;
}

export class Follower {
  /** Everything up to here has come over the socket, or will come with the list. */
  private at: number | null = null;
  private listed = false;
  private head = 0;
  private lateSinceMs: number | null = null;
  private confirmed = 0;
  private confirmedMs = Number.NEGATIVE_INFINITY;
  /** Changes that never came though later ones did. */
  holes = 0;

  /** A new connection; the service's newest change is `head`. */
  hello(head: number): Start {
    const { at } = this;
    this.head = head;
    this.lateSinceMs = null;
    // A service that has come back with less than we know is another one, or has an older store.
    const resumable = at !== null && this.listed && at <= head && head - at <= RESUME_MAX;
    if (resumable) {
      this.confirmed = at;
      return { after: at, list: false };
    }
    this.at = head;
    this.listed = false;
    this.confirmed = head;
    return { after: head, list: true };
  }

  /** The list that was wished for has come. */
  list(): void {
    this.listed = true;
  }

  /** Our cursor is too old for the service: everything is to be listed anew. */
  reset(): void {
    this.at = null;
    this.listed = false;
  }

  /** A change; says whether it is new. */
  change(seq: number): boolean {
    const { at } = this;
    if (at !== null && seq <= at) return false;
    if (at !== null) this.holes += seq - at - 1;
    this.at = seq;
    if (seq >= this.head) this.lateSinceMs = null;
    return true;
  }

  heartbeat(head: number, nowMs: number): void {
    this.head = head;
    if (this.at === null || head > this.at) this.lateSinceMs ??= nowMs;
    else this.lateSinceMs = null;
  }

  /** The list is still on its way. */
  get listing(): boolean {
    return !this.listed;
  }

  get cursor(): number | null {
    return this.at;
  }

  isBehind(nowMs: number): boolean {
    return this.lateSinceMs !== null && nowMs - this.lateSinceMs >= BEHIND_MS;
  }

  /** Up to where changes have come that are not confirmed, if it is time; the caller sends it. */
  confirm(nowMs: number): number | null {
    const { at } = this;
    if (at === null || at <= this.confirmed) return null;
    if (nowMs - this.confirmedMs < CONFIRM_MS) return null;
    this.confirmed = at;
    this.confirmedMs = nowMs;
    return at;
  }

  /** The connection ended. The next one resumes, and what comes then is confirmed anew. */
  ended(): void {
    this.lateSinceMs = null;
  }
}
