//! One camera's live video inside a worker: feed, decoder and playout joined. Sends pictures when
//! they are due. Decoders that fail are replaced; a codec that the browser lacks is told.

import { type Decoder, openDecoder } from "./decoder";
import { Feed } from "./feed";
import { MediaTime } from "./mediatime";
import { type LaneAccount, type LanePicture, UNTAKEN_MAX, type UnitHeader } from "./messages";
import type { VideoConfiguration, VideoFault } from "./player";
import { Playout } from "./playout";

export interface Unit {
  readonly keyframe: boolean;
  readonly discontinuity: boolean;
  readonly header: UnitHeader;
  readonly data: Uint8Array<ArrayBuffer>;
  readonly mediaUs: number;
}

export interface LaneEvents {
  picture(picture: Omit<LanePicture, "type" | "lane">): void;
  fault(why: VideoFault): void;
}

/** Decoded pictures that wait at most: a hardware decoder stops when it has no more to give. */
const PICTURES_MAX = 4;
/** Units handed to the decoder that it has not begun, at most: what waits here can still be left out. */
const DECODING_MAX = 3;
/** A decoder that fails this often without a picture in between is given up. */
const FAILURES_MAX = 5;

export class Lane {
  private readonly feed = new Feed<Unit>();
  private readonly playout = new Playout<VideoFrame>();
  private time = new MediaTime();
  private decoder: Decoder | null = null;
  private configuration: VideoConfiguration | null = null;
  /** Tells the pictures of this configuration from those of the last one that are still under way. */
  private era = 0;
  private failures = 0;
  private faulty = false;
  private untaken = 0;
  private taken = 0;
  private told = { consumed: 0, dropped: 0 };
  private overflowed = 0;
  private closed = false;

  constructor(private readonly events: LaneEvents) {}

  configure(configuration: VideoConfiguration, nowMs: number): void {
    const same = JSON.stringify(configuration) === JSON.stringify(this.configuration);
    this.configuration = configuration;
    // After a drop the same configuration comes again: the decoder stays, the time line may not.
    if (same && this.decoder !== null && !this.faulty) return;
    this.faulty = false;
    this.failures = 0;
    this.feed.clear();
    this.playout.restart();
    this.time = new MediaTime();
    void this.openDecoder(nowMs);
  }

  unit(header: UnitHeader, data: Uint8Array<ArrayBuffer>, nowMs: number): void {
    this.taken += 1;
    if (this.faulty) return;
    const { keyframe, discontinuity } = header;
    if (discontinuity) {
      this.playout.restart();
      this.time = new MediaTime();
    }
    const mediaUs = this.time.us(header.mediaTime);
    this.playout.arrived(mediaUs / 1000, nowMs);
    this.feed.push({ keyframe, discontinuity, header, data, mediaUs });
    this.pump(nowMs);
  }

  /** The page took pictures. */
  took(): void {
    this.untaken = Math.max(0, this.untaken - 1);
  }

  /** Shows what is due, decodes what comes next; answers how long until it wants to be called. */
  tick(nowMs: number): number | null {
    if (this.closed) return null;
    const due = this.untaken < UNTAKEN_MAX ? this.playout.due(nowMs) : null;
    if (due !== null) {
      this.untaken += 1;
      const { picture: image, receivedAtMs, sequence } = { ...due, ...due.picture.unit };
      this.events.picture({ image: image.frame, receivedAtMs, sequence });
    }
    this.pump(nowMs);
    return this.playout.waitMs(nowMs);
  }
}
