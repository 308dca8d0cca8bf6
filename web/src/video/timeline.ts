//! Where each access unit stands on the timeline of a `<video>` element. Pure. The camera's times
//! are RTP's: they begin anywhere, wrap, jump, and tell when to show, not when to decode.

import { TIMESCALE } from "./fmp4";

export interface Placed {
  readonly decodeTime: number;
  readonly showTime: number;
}

/**
 * So long before it is shown a unit is decoded, on paper: room for B-frames, whose reference comes
 * before them and is shown after. Browsers decode at once all the same.
 */
const REORDER = TIMESCALE / 2;

/**
 * A jump of the camera's clock by more than this is no time that passed. Below twice the duration
 * that units claim (`UNIT_DURATION`), past which a browser sees a hole and wants a keyframe.
 */
const LEAP = 1.5 * TIMESCALE;

/**
 * What each unit claims to last. Nobody knows when the next one comes. Claimed long, the element
 * never runs out of buffer at the live edge and a late unit makes no hole; it just takes over.
 */
export const UNIT_DURATION = TIMESCALE;

/** Between two units whose distance is not known: 12.5 a second. */
const STEP = TIMESCALE / 12.5;

export class Timeline {
  private lastMediaTime: number | null = null;
  private lastShow: number;
  private lastDecode: number;
  private highest: number;
  private step = STEP;

  /** A timeline that begins where `before` ends, so that no time means two pictures. */
  constructor(before: Timeline | null = null) {
    this.lastDecode = before === null ? -1 : before.highest + UNIT_DURATION;
    this.highest = this.lastDecode + 1 + REORDER;
    this.lastShow = this.highest;
  }

  /** The usual time between two pictures. */
  get usualStep(): number {
    return this.step;
  }

  /** Places the next unit, in decoding order. A fresh start follows at once on what was before. */
  place(mediaTime: number, fresh: boolean): Placed {
    const last = this.lastMediaTime;
    // Signed, modulo 2^32: B-frames go back.
    const moved = last === null ? 0 : (mediaTime - last) | 0;
    this.lastMediaTime = mediaTime;
    let showTime = this.lastShow + moved;
    if (last === null) showTime = this.highest;
    else if (fresh || Math.abs(moved) > LEAP) showTime = this.highest + this.step;
    else if (moved > 0) this.learn(showTime - this.highest);
    this.lastShow = showTime;
    this.highest = Math.max(this.highest, showTime);
    this.lastDecode = Math.max(this.lastDecode + 1, this.highest - REORDER);
    return { decodeTime: this.lastDecode, showTime };
  }

  /** Slowly, since cameras' clocks jitter; only what lies beyond the newest picture counts. */
  private learn(step: number): void {
    if (step > 0) this.step += (step - this.step) / 8;
  }
}
