//! One camera's live video inside a worker: feed, decoder and playout joined. Sends pictures when
//! they are due. Decoders that fail are replaced; a codec that the browser lacks is told.

import { type Decodable, type Decoder, type Manner, openDecoder, supports } from "./decoder";
import { Feed } from "./feed";
import { MediaTime } from "./mediatime";
import { type LaneAccount, type LanePicture, UNTAKEN_MAX, type UnitHeader } from "./messages";
import type { VideoConfiguration, VideoFault } from "./player";
import { Playout } from "./playout";

interface Unit extends Decodable {
  readonly discontinuity: boolean;
  readonly receivedAtMs: number;
  readonly sequence: number;
}

/** A decoded picture and where it comes from. */
interface Decoded {
  readonly frame: VideoFrame;
  readonly unit: Unit;
  close(): void;
}

export interface LaneEvents {
  picture(picture: Omit<LanePicture, "lane">): void;
  fault(why: VideoFault, configurations: number): void;
  /** Something came from the decoder: call `tick`. */
  wake(): void;
}

/** Decoded pictures that wait at most: a hardware decoder stops when it has no more to give. */
const PICTURES_MAX = 4;
/** Units handed to the decoder that it has not begun, at most: what waits here can still be left out. */
const DECODING_MAX = 3;
/** A decoder that fails this often without a picture in between is given up. */
const FAILURES_MAX = 5;

export class Lane {
  private readonly feed = new Feed<Unit>();
  private readonly playout = new Playout<Decoded>();
  private time = new MediaTime();
  private decoder: Decoder<Unit> | null = null;
  private configuration: VideoConfiguration | null = null;
  private configurations = 0;
  /** Tells an answer about this configuration from one about the last. */
  private era = 0;
  /** The browser has the codec; decoders are opened when there is something to decode. */
  private supported = false;
  private reordered = false;
  /** The decoder was opened for a stream without B-frames, and one came. */
  private hurried = false;
  private newestMediaUs = Number.NEGATIVE_INFINITY;
  private lastSequence: number | null = null;
  private failures = 0;
  private faulty = false;
  private untaken = 0;
  private arrived = 0;
  private told = 0;
  private closed = false;

  constructor(private readonly events: LaneEvents) {}

  configure(configuration: VideoConfiguration): void {
    const same = JSON.stringify(configuration) === JSON.stringify(this.configuration);
    this.configurations += 1;
    this.lastSequence = null;
    // After a drop the same configuration comes again: the decoder stays.
    if (same && !this.faulty) return;
    this.configuration = configuration;
    this.faulty = false;
    this.failures = 0;
    this.reordered = false;
    this.supported = false;
    this.giveUpDecoder();
    this.playout.restart();
    this.time = new MediaTime();
    this.era += 1;
    void this.begin(configuration, this.era);
  }

  unit(header: UnitHeader, data: Uint8Array<ArrayBuffer>, nowMs: number): void {
    this.arrived += 1;
    const { keyframe, sequence, receivedAtMs } = header;
    const follows = this.lastSequence === null || sequence === (this.lastSequence + 1) >>> 0;
    this.lastSequence = sequence;
    if (this.faulty || this.closed) return;
    const discontinuity = header.discontinuity || !follows;
    if (discontinuity && keyframe) this.restart();
    const mediaUs = this.time.us(header.mediaTime);
    this.playout.arrived(mediaUs / 1000, nowMs);
    this.feed.push({ keyframe, discontinuity, sequence, receivedAtMs, data, mediaUs });
  }

  /** The page gave a picture back. */
  took(): void {
    this.untaken = Math.max(0, this.untaken - 1);
  }

  /** Shows what is due, decodes what comes next; answers how long until it wants to be called. */
  tick(nowMs: number): number | null {
    if (this.closed) return null;
    const free = this.untaken < UNTAKEN_MAX;
    const due = free ? this.playout.due(nowMs) : null;
    if (due !== null) {
      const { frame, unit } = due.picture;
      const { receivedAtMs, sequence } = unit;
      this.untaken += 1;
      this.events.picture({ frame, receivedAtMs, sequence });
    }
    this.pump(nowMs);
    return this.untaken < UNTAKEN_MAX ? this.playout.waitMs(nowMs) : null;
  }

  /** What happened since the last account. */
  account(): Omit<LaneAccount, "lane"> {
    const { arrived } = this;
    const dropped = this.feed.late - this.told;
    this.arrived = 0;
    this.told = this.feed.late;
    return { arrived, dropped };
  }

  close(): void {
    this.closed = true;
    this.giveUpDecoder();
    this.playout.close();
  }

  private async begin(configuration: VideoConfiguration, era: number): Promise<void> {
    const has = await supports(configuration);
    if (this.closed || era !== this.era) return;
    this.supported = has;
    if (has) this.events.wake();
    else this.fault("unsupported");
  }

  /** What comes next does not follow on what was. */
  private restart(): void {
    this.feed.clear();
    this.playout.restart();
    this.time = new MediaTime();
    this.decoder?.restart();
    this.newestMediaUs = Number.NEGATIVE_INFINITY;
  }

  /** Hands the decoder what it has room for. */
  private pump(nowMs: number): void {
    if (!this.supported || this.faulty) return;
    if (this.feed.skip(this.playout.behindMs(nowMs))) {
      this.playout.skip();
      this.decoder?.restart();
      this.newestMediaUs = Number.NEGATIVE_INFINITY;
    }
    for (;;) {
      const queued = this.decoder?.queued ?? 0;
      if (queued >= DECODING_MAX || queued + this.playout.size >= PICTURES_MAX) return;
      const unit = this.feed.next();
      if (unit === undefined) return;
      this.decode(unit);
    }
  }

  private decode(unit: Unit): void {
    if (unit.mediaUs < this.newestMediaUs) this.reordered = true;
    this.newestMediaUs = Math.max(this.newestMediaUs, unit.mediaUs);
    if (unit.keyframe && this.reordered && this.hurried) {
      this.hurried = false;
      this.decoder?.retune(this.manner);
    }
    this.decoder ??= this.open();
    this.decoder?.decode(unit);
  }

  private open(): Decoder<Unit> | null {
    const { configuration, era } = this;
    if (configuration === null) return null;
    this.hurried = !this.reordered;
    return openDecoder<Unit>(configuration, this.manner, {
      picture: (frame, unit) => this.decoded(frame, unit),
      room: () => this.events.wake(),
      failed: () => {
        if (era === this.era) this.failed();
      },
    });
  }

  private get manner(): Manner {
    return { reordered: this.reordered, software: this.failures > 0 };
  }

  private decoded(frame: VideoFrame, unit: Unit): void {
    this.failures = 0;
    const picture = { frame, unit, close: () => frame.close() };
    const { mediaUs, receivedAtMs } = unit;
    this.playout.decoded({ picture, mediaMs: mediaUs / 1000, receivedAtMs }, performance.now());
    this.events.wake();
  }

  /** Another decoder begins with the next keyframe, but not for ever. */
  private failed(): void {
    this.giveUpDecoder();
    this.failures += 1;
    if (this.failures >= FAILURES_MAX) this.fault("broken");
  }

  private giveUpDecoder(): void {
    this.decoder?.close();
    this.decoder = null;
    this.feed.clear();
    this.newestMediaUs = Number.NEGATIVE_INFINITY;
  }

  private fault(why: VideoFault): void {
    this.faulty = true;
    this.giveUpDecoder();
    this.events.fault(why, this.configurations);
  }
}
