//! The browser's decoders behind one face: H.264 and H.265 as Annex B through `VideoDecoder`, JPEG
//! through `ImageDecoder`. Each picture comes back with the unit that it was made of.

import type { VideoConfiguration } from "./player";

/** Of a unit, what a decoder needs. */
export interface Encoded {
  readonly keyframe: boolean;
  readonly data: Uint8Array<ArrayBuffer>;
  /** Also tells which picture is whose. */
  readonly mediaUs: number;
}

export interface Decoder<Unit extends Encoded> {
  /** Units that it has not begun. */
  readonly waiting: number;
  decode(unit: Unit): void;
  /** Forgets what is inside: the next unit is a keyframe that follows nothing. */
  restart(): void;
  close(): void;
}

export interface DecoderEvents<Unit> {
  picture(frame: VideoFrame, unit: Unit): void;
  /** It is of no use any more. */
  failed(): void;
}

/** A decoder for a configuration; `null` where this browser has none. */
export async function openDecoder<Unit extends Encoded>(
  { codec, width, height }: VideoConfiguration,
  events: DecoderEvents<Unit>,
): Promise<Decoder<Unit> | null> {
  if (codec === "mjpeg") return typeof ImageDecoder === "undefined" ? null : new Stills(events);
  // `optimizeForLatency` makes Chromium give each picture as soon as the stream's own parameters
  // allow: at once without B-frames, and in order with them. Otherwise it keeps one more back.
  const config: VideoDecoderConfig = { codec, optimizeForLatency: true };
  if (width > 0 && height > 0) Object.assign(config, { codedWidth: width, codedHeight: height });
  try {
    const { supported } = await VideoDecoder.isConfigSupported(config);
    return supported === true ? new Moving(config, events) : null;
  } catch {
    // A codec string that is none.
    return null;
  }
}

/** Units inside a decoder at most: more than any stream may hold back for its order (16). */
const INSIDE_MAX = 64;

class Moving<Unit extends Encoded> implements Decoder<Unit> {
  private readonly decoder: VideoDecoder;
  private readonly inside = new Map<number, Unit>();

  constructor(
    private readonly config: VideoDecoderConfig,
    private readonly events: DecoderEvents<Unit>,
  ) {
    this.decoder = new VideoDecoder({
      output: (frame) => this.output(frame),
      error: () => events.failed(),
    });
    this.decoder.configure(config);
  }

  get waiting(): number {
    return this.decoder.decodeQueueSize;
  }

  decode(unit: Unit): void {
    if (this.decoder.state !== "configured") return;
    let timestamp = unit.mediaUs;
    // Cameras that give two pictures one time exist.
    while (this.inside.has(timestamp)) timestamp += 1;
    if (this.inside.size >= INSIDE_MAX) {
      const [oldest] = this.inside.keys();
      if (oldest !== undefined) this.inside.delete(oldest);
    }
    this.inside.set(timestamp, unit);
    const type = unit.keyframe ? "key" : "delta";
    try {
      this.decoder.decode(new EncodedVideoChunk({ type, timestamp, data: unit.data }));
    } catch {
      this.events.failed();
    }
  }

  restart(): void {
    this.inside.clear();
    if (this.decoder.state === "closed") return;
    this.decoder.reset();
    this.decoder.configure(this.config);
  }

  close(): void {
    this.inside.clear();
    if (this.decoder.state !== "closed") this.decoder.close();
  }

  private output(frame: VideoFrame): void {
    const unit = this.inside.get(frame.timestamp);
    this.inside.delete(frame.timestamp);
    if (unit === undefined) frame.close();
    else this.events.picture(frame, unit);
  }
}

/** Motion JPEG: every unit is a picture of its own. */
class Stills<Unit extends Encoded> implements Decoder<Unit> {
  waiting = 0;
  private era = 0;
  private last: Promise<void> = Promise.resolve();

  constructor(private readonly events: DecoderEvents<Unit>) {}

  decode(unit: Unit): void {
    const { era } = this;
    this.waiting += 1;
    this.last = this.last.then(async () => {
      this.waiting -= 1;
      if (era !== this.era) return;
      const frame = await still(unit.data);
      if (frame === null) return;
      if (era === this.era) this.events.picture(frame, unit);
      else frame.close();
    });
  }

  restart(): void {
    this.era += 1;
  }

  close(): void {
    this.restart();
  }
}

/** `null` for a JPEG that cannot be decoded: the next one may be better. */
async function still(data: Uint8Array<ArrayBuffer>): Promise<VideoFrame | null> {
  const decoder = new ImageDecoder({ data, type: "image/jpeg" });
  try {
    return (await decoder.decode()).image;
  } catch {
    return null;
  } finally {
    decoder.close();
  }
}
