//! Live video through a hidden `<video>` element: for pages over plain HTTP, where browsers have no
//! WebCodecs. Each access unit becomes a fragment of MP4; frames come back as they are presented.
//! More costly per camera than WebCodecs, and a frame or two later.

import type { Header } from "../wire/header";
import { keep, type NalCodec, type ParameterSets, sameSets, split, type Unit } from "./annexb";
import { fragment, initSegment, TIMESCALE } from "./fmp4";
import { Pace, type Step } from "./pace";
import type { Player, PlayerEvents, VideoConfiguration } from "./player";
import { SourceQueue } from "./sourcequeue";
import { Timeline, UNIT_DURATION } from "./timeline";

/** A page plays at most so many cameras this way: each costs an element with a pipeline. */
export const MSE_CELLS_MAX = 16;

/** Units that were placed and whose picture has not come: bounded, since a hidden page has none. */
const PLACED_MAX = 512;
/** What was played is given up, keyframe by keyframe, beyond this many seconds. */
const PLAYED_S = 2;
/**
 * Pictures that an element never presented are reported when they were due for this long. One or two
 * fall between two frames of the screen whenever the rate changes; that is no sign of anything.
 */
const STUTTER = TIMESCALE / 4;
/** An element that failed this often without a picture in between plays nothing any more. */
const FAILURES_MAX = 3;

interface Placed {
  readonly showTime: number;
  readonly header: Header;
  /** Than what the lane before it showed. */
  readonly older: boolean;
}

/** Whether this browser plays any video this way. */
export function hasMse(): boolean {
  return (
    typeof MediaSource === "function" &&
    "requestVideoFrameCallback" in HTMLVideoElement.prototype &&
    MediaSource.isTypeSupported('video/mp4; codecs="avc1.4D401E"')
  );
}

export class MsePlayer implements Player {
  private readonly video = document.createElement("video");
  private configuration: VideoConfiguration | null = null;
  private queue: SourceQueue | null = null;
  private timeline = new Timeline();
  private pace = new Pace();
  private sets: ParameterSets | null = null;
  private placed: Placed[] = [];
  private keyframesS: number[] = [];
  private number = 0;
  private newestReceivedAtMs = 0;
  /** A lane may begin with what is older than what was shown before it: that is not shown again. */
  private floorMs = 0;
  private lastSequence: number | null = null;
  /** Nothing can be played before the next keyframe. */
  private wanting = true;
  /** The next unit does not follow on the one before. */
  private fresh = true;
  private jumpToS: number | null = null;
  /** Until the first append: what came from the ring is caught up by going to its end at once. */
  private starting = true;
  private failures = 0;
  private faulted = false;
  private closed = false;

  constructor(private readonly events: PlayerEvents) {
    const { video } = this;
    video.muted = true;
    video.playsInline = true;
    video.disableRemotePlayback = true;
    this.watch();
  }

  configure(configuration: VideoConfiguration): void {
    this.configuration = configuration;
    this.wanting = true;
    this.fresh = true;
    this.faulted = false;
    this.lastSequence = null;
    this.failures = 0;
    const type = typeOf(configuration);
    if (!MediaSource.isTypeSupported(type)) this.fault("unsupported");
    else this.queue?.retype(type);
  }

  unit(header: Header, data: Uint8Array<ArrayBuffer>): void {
    const { configuration } = this;
    if (configuration === null || this.faulted || this.closed) return;
    const follows = this.lastSequence === null || header.sequence === (this.lastSequence + 1) >>> 0;
    this.lastSequence = header.sequence;
    if (header.discontinuity || !follows) {
      this.fresh = true;
      this.wanting = true;
    }
    if (this.queue?.full === true) this.giveUpWaiting();
    if (this.wanting && !header.keyframe) return;
    const codec = nalCodec(configuration);
    const unit = split(codec, data);
    if (header.keyframe && !this.prepare(configuration, codec, unit)) return;
    this.wanting = false;
    this.append(header, unit);
  }

  close(): void {
    this.closed = true;
    this.queue?.close();
    this.queue = null;
    this.placed = [];
  }

  /** A keyframe may begin a stream of another kind: then its description comes first. */
  private prepare(configuration: VideoConfiguration, codec: NalCodec, { sets }: Unit): boolean {
    const brought = sets.sps.length > 0 && sets.pps.length > 0;
    const known = this.queue === null ? null : this.sets;
    if (known !== null && (!brought || sameSets(known, sets)) && !this.fresh) return true;
    const next = brought ? keep(sets) : this.sets;
    if (next === null) return false;
    const { width, height } = configuration;
    const init = initSegment({ codec, width, height, sets: next });
    if (init === null) return false;
    this.sets = next;
    this.queue ??= this.open(typeOf(configuration));
    this.queue.push(init);
    return true;
  }

  private append(header: Header, { sample }: Unit): void {
    const { queue, video } = this;
    if (queue === null || sample.length === 0) return;
    const nowMs = performance.now();
    const { decodeTime, showTime } = this.timeline.place(header.mediaTime, this.fresh);
    if (this.fresh) {
      this.floorMs = this.newestReceivedAtMs;
      this.pace.settle(nowMs);
    }
    this.fresh = false;
    this.number += 1;
    const { keyframe } = header;
    queue.push(
      fragment({
        number: this.number,
        decodeTime,
        showTime,
        duration: UNIT_DURATION,
        keyframe,
        nals: sample,
      }),
    );
    const { receivedAtMs } = header;
    this.placed.push({ showTime, header, older: receivedAtMs < this.floorMs });
    this.newestReceivedAtMs = Math.max(this.newestReceivedAtMs, receivedAtMs);
    if (this.placed.length > PLACED_MAX) this.placed.shift();
    const showS = showTime / TIMESCALE;
    if (keyframe) this.keyframesS.push(showS);
    if (this.starting) this.follow(this.pace.start(nowMs, showS));
    else this.follow(this.pace.arrived(nowMs, showS, this.jumpToS ?? video.currentTime));
    this.forgetPlayed();
  }

  private follow(step: Step): void {
    const { video } = this;
    // A jump waits until what it leads to was appended.
    if (step.kind === "jump") this.jumpToS = step.toS;
    else if (video.playbackRate !== step.rate) video.playbackRate = step.rate;
  }

  private appended(): void {
    const { video, jumpToS, keyframesS } = this;
    if (jumpToS !== null) {
      const earliest = keyframesS[0] ?? jumpToS;
      video.playbackRate = 1;
      video.currentTime = Math.max(earliest, jumpToS);
      this.jumpToS = null;
      // Catching up is no drop; a screen that cannot keep up tells so by what it leaves out later.
      this.forgetPlaced(jumpToS);
      this.starting = false;
    }
    // Muted, so no gesture is needed; a browser that pauses hidden pages is asked again.
    if (video.paused) void video.play().catch(() => undefined);
  }

  /** Pictures come from the element one by one, with the time that their unit was given. */
  private watch(): void {
    const { video } = this;
    video.requestVideoFrameCallback((_, { mediaTime, width, height }) => {
      if (this.closed) return;
      this.watch();
      const showTime = mediaTime * TIMESCALE;
      const index = this.placed.findLastIndex((one) => Math.abs(one.showTime - showTime) < 45);
      const shown = this.placed[index];
      if (shown === undefined) return;
      const skipped = this.placed.filter((one) => one.showTime < shown.showTime - 45).length;
      this.placed = this.placed.filter((one) => one.showTime > shown.showTime + 45);
      if (skipped * this.timeline.usualStep > STUTTER) this.events.dropped(skipped);
      this.failures = 0;
      const { receivedAtMs, sequence } = shown.header;
      if (shown.older) return;
      // Whoever draws it in this frame draws just this picture, later ones a newer one.
      this.events.picture({ image: video, width, height, receivedAtMs, sequence, close: nothing });
    });
  }

  private open(type: string): SourceQueue {
    // A last frame of the element's life before may still come: its time must not mean another one.
    this.timeline = new Timeline(this.timeline);
    this.pace = new Pace();
    this.placed = [];
    this.keyframesS = [];
    this.jumpToS = null;
    this.starting = true;
    return new SourceQueue(this.video, type, {
      appended: () => this.appended(),
      failed: () => this.failed(),
    });
  }

  /** Begins anew with the next keyframe, but not for ever. */
  private failed(): void {
    this.queue = null;
    this.wanting = true;
    this.fresh = true;
    this.failures += 1;
    if (this.failures >= FAILURES_MAX) this.fault("broken");
  }

  private giveUpWaiting(): void {
    this.queue?.clear();
    this.wanting = true;
    this.fresh = true;
    this.events.dropped(1);
  }

  /** Catching up at the start is no drop. The picture before the target is the one shown there. */
  private forgetPlaced(beforeS: number): void {
    const from = beforeS * TIMESCALE - 2 * this.timeline.usualStep;
    this.placed = this.placed.filter(({ showTime }) => showTime >= from);
  }

  /** What lies before a keyframe that was played for a while; cutting elsewhere would cut more. */
  private forgetPlayed(): void {
    const until = this.video.currentTime - PLAYED_S;
    const index = this.keyframesS.findLastIndex((at) => at <= until);
    const keyframe = this.keyframesS[index];
    if (index < 1 || keyframe === undefined) return;
    this.keyframesS = this.keyframesS.slice(index);
    this.queue?.forgetBefore(keyframe);
  }

  private fault(why: "unsupported" | "broken"): void {
    if (this.faulted) return;
    this.faulted = true;
    this.queue?.close();
    this.queue = null;
    this.events.fault(why);
  }
}

function nothing(): void {}

function nalCodec({ codec }: VideoConfiguration): NalCodec {
  return /^h(ev|vc)1/.test(codec) ? "h265" : "h264";
}

/** Parameter sets are put into the description, as `hvc1` says and `hev1` allows. */
function typeOf({ codec }: VideoConfiguration): string {
  return `video/mp4; codecs="${codec.replace(/^hev1/, "hvc1")}"`;
}
