//! The time that is replayed: which part of the past is laid out, where in it one is, and how fast it
//! goes on. Decides only; times are Unix milliseconds.

import type { Change } from "./past";

export const SPANS_H = [1, 6, 24] as const;
export const SPEEDS = [1, 10, 60] as const;
export type Speed = (typeof SPEEDS)[number];

const HOUR_MS = 3_600_000;

export class Reel {
  /** Where one is. */
  atMs: number;
  fromMs: number;
  /** While it plays. */
  playing = false;
  speed: Speed = 1;
  /** Within the time that is laid out, oldest first. */
  changes: readonly Change[] = [];
  private span = SPANS_H[0] * HOUR_MS;

  constructor(atMs: number, nowMs: number) {
    this.atMs = Math.min(atMs, nowMs);
    this.fromMs = this.atMs - this.span;
    this.lay(nowMs);
  }

  get toMs(): number {
    return this.fromMs + this.span;
  }

  get spanH(): number {
    return this.span / HOUR_MS;
  }

  /** Another length of it, around where one is. */
  stretch(hours: number, nowMs: number): void {
    this.span = hours * HOUR_MS;
    this.fromMs = this.atMs - this.span / 2;
    this.lay(nowMs);
  }

  /** To a moment; what is laid out follows. Says whether another time is laid out. */
  go(atMs: number, nowMs: number): boolean {
    this.atMs = Math.min(atMs, nowMs);
    if (this.atMs >= this.fromMs && this.atMs <= this.toMs) return false;
    this.fromMs = this.atMs - this.span / 2;
    this.lay(nowMs);
    return true;
  }

  /** To the next change, or the one before; `false`: there is none within what is laid out. */
  step(by: 1 | -1): boolean {
    const found =
      by > 0
        ? this.changes.find(({ atMs }) => atMs > this.atMs)
        : this.changes.findLast(({ atMs }) => atMs < this.atMs);
    if (found !== undefined) this.atMs = found.atMs;
    return found !== undefined;
  }

  /** The time goes on. Says whether another time is laid out. */
  tick(elapsedMs: number, nowMs: number): boolean {
    if (!this.playing) return false;
    const atMs = this.atMs + elapsedMs * this.speed;
    if (atMs >= nowMs) this.playing = false;
    return this.go(atMs, nowMs);
  }

  /** The change that made it so, where it is within what is laid out. */
  get change(): Change | undefined {
    return this.changes.findLast(({ atMs }) => atMs <= this.atMs);
  }

  /** Nothing of the future is laid out. */
  private lay(nowMs: number): void {
    this.fromMs = Math.min(this.fromMs, nowMs - this.span);
  }
}
