//! One camera's live video inside a worker: feed, decoder and playout joined. Gives out pictures
//! when they are due. Decoders that fail are replaced; a codec that the browser lacks is told.

import { type Decoder, openDecoder } from "./decoder";
import { Feed } from "./feed";
import { MediaTime } from "./mediatime";
import { steadyMs, UNTAKEN_MAX, type UnitHeader } from "./messages";
import type { VideoConfiguration, VideoFault } from "./player";
import { Playout } from "./playout";

interface Unit {
  readonly keyframe: boolean;
  readonly discontinuity: boolean;
  readonly sequence: number;
  readonly header: UnitHeader;
  readonly data: Uint8Array<ArrayBuffer>;
  readonly mediaUs: number;
}

interface Picture {
  readonly frame: VideoFrame;
  readonly header: UnitHeader;
  close(): void;
}

export interface LaneEvents {
  /** Due now; the frame belongs to whoever gets it. */
  picture(frame: VideoFrame, header: UnitHeader): void;
  fault(why: VideoFault): void;
}

/** Decoded pictures that wait at most: a hardware decoder stops when it has no more to give. */
const PICTURES_MAX = 4;
/** Units that the decoder has not begun, at most: what waits in the feed can still be left out. */
const DECODING_MAX = 3;
/** A decoder that fails this often without a picture in between is given up. */
const FAILURES_MAX = 5;

export class Lane {
  private readonly feed = new Feed<Unit>();
  private readonly playout = new Playout<Picture>();
  private time = new MediaTime();
  private decoder: Decoder<Unit> | null = null;
  private configuration: VideoConfiguration | null = null;
  /** Tells a decoder from the one before it, whose last words may still be under way. */
  private era = 0;
  private failures = 0;
  private faulty = false;
  private untaken = 0;
  private taken = 0;
  private closed = false;

  constructor(private readonly events: LaneEvents) {}

  /** Units that came and are no longer here. */
  get consumed(): number {
    return this.taken - this.feed.size;
  }

  /** Units that were left out because this screen could not keep up. */
  get dropped(): number {
    return this.feed.dropped;
  }

  configure(configuration: VideoConfiguration): void {
    const same = JSON.stringify(configuration) === JSON.stringify(this.configuration);
    this.configuration = configuration;
    // After a drop the same configuration comes again: the decoder stays.
    if (same && (this.decoder !== null || this.faulty)) return;
    this.faulty = false;
    this.failures = 0;
    this.begin();
    void this.open(configuration);
  }

  /** Takes a unit. Nothing is decoded before the next tick: what already came is counted first. */
  unit(header: UnitHeader, data: Uint8Array<ArrayBuffer>): void {
    this.taken += 1;
    if (this.faulty) return;
    const { keyframe, discontinuity, sequence } = header;
    if (discontinuity) {
      this.begin();
      this.decoder?.restart();
    }
    const mediaUs = this.time.us(header.mediaTime);
    this.playout.arrived(mediaUs / 1000, header.arrivedMs);
    this.feed.push({ keyframe, discontinuity, sequence, header, data, mediaUs });
  }

  /** The page took a picture. */
  took(): void {
    this.untaken = Math.max(0, this.untaken - 1);
  }

  /** Gives out what is due and decodes what comes next. Called every few milliseconds. */
  tick(nowMs: number): void {
    if (this.closed) return;
    const due = this.untaken < UNTAKEN_MAX ? this.playout.due(nowMs) : null;
    if (due !== null) {
      this.untaken += 1;
      this.events.picture(due.picture.frame, due.picture.header);
    }
    this.pump(nowMs);
  }

  close(): void {
    this.closed = true;
    this.era += 1;
    this.feed.clear();
    this.playout.close();
    this.decoder?.close();
    this.decoder = null;
  }

  /** What comes next follows nothing. */
  private begin(): void {
    this.feed.clear();
    this.playout.restart();
    this.time = new MediaTime();
  }

  private pump(nowMs: number): void {
    const { decoder } = this;
    if (decoder === null) return;
    const next = this.feed.first;
    if (next !== undefined && this.feed.skip(nowMs - next.header.servedMs)) {
      this.playout.skip();
      decoder.restart();
    }
    while (decoder.waiting < DECODING_MAX && this.playout.size < PICTURES_MAX) {
      const unit = this.feed.next();
      if (unit === undefined || this.decoder !== decoder) return;
      decoder.decode(unit);
    }
  }

  private async open(configuration: VideoConfiguration): Promise<void> {
    this.era += 1;
    const { era } = this;
    this.decoder?.close();
    this.decoder = null;
    const decoder = await openDecoder<Unit>(configuration, {
      picture: (frame, unit) => this.decoded(era, frame, unit),
      failed: () => {
        if (era === this.era) this.failed(configuration);
      },
    });
    if (era !== this.era) {
      decoder?.close();
      return;
    }
    this.decoder = decoder;
    if (decoder === null) this.give("unsupported");
    else this.pump(steadyMs());
  }

  private decoded(era: number, frame: VideoFrame, { header, mediaUs }: Unit): void {
    if (era !== this.era) {
      frame.close();
      return;
    }
    this.failures = 0;
    const picture = { frame, header, close: () => frame.close() };
    const { receivedAtMs } = header;
    this.playout.decoded({ picture, mediaMs: mediaUs / 1000, receivedAtMs }, steadyMs());
    this.tick(steadyMs());
  }

  /** A damaged unit ends a decoder; another one begins with the next keyframe. */
  private failed(configuration: VideoConfiguration): void {
    this.failures += 1;
    this.feed.clear();
    if (this.failures > FAILURES_MAX) this.give("broken");
    else void this.open(configuration);
  }

  private give(why: VideoFault): void {
    this.faulty = true;
    this.era += 1;
    this.feed.clear();
    this.decoder?.close();
    this.decoder = null;
    this.events.fault(why);
  }
}
