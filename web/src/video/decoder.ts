//! Decoders of one configuration: WebCodecs for video, the browser's picture decoder for JPEG. Each
//! gives pictures together with the unit that they were made from.

import type { VideoConfiguration } from "./player";

/** What goes in: an access unit (Annex B), or a JPEG file. */
export interface Decodable {
  readonly keyframe: boolean;
  /** Media time in microseconds. */
  readonly mediaUs: number;
  readonly data: Uint8Array<ArrayBuffer>;
}

export interface DecoderEvents<Unit> {
  /** Who takes the frame closes it. */
  picture(frame: VideoFrame, unit: Unit): void;
  /** There is room for another unit. */
  room(): void;
  /** Told once; the decoder is closed then. */
  failed(): void;
}

export interface Decoder<Unit> {
  /** Units that were handed in and not begun. */
  readonly queued: number;
  decode(unit: Unit): void;
  /** Forgets what is under way; a keyframe comes next. */
  restart(): void;
  /** Goes on in another manner with the keyframe that comes next; what is under way still comes. */
  retune(manner: Manner): void;
  close(): void;
}

/** How to decode what the configuration tells. */
export interface Manner {
  /** The stream has B-frames: a decoder in a hurry would lose them. */
  readonly reordered: boolean;
  /** The hardware failed; it may have too few decoders for a wall. */
  readonly software: boolean;
}

const MJPEG = "mjpeg";
/** Units whose picture has not come, at most: twice what H.264 and H.265 let a decoder hold back. */
const UNDER_WAY_MAX = 32;

/** Whether this browser has the codec. */
export async function supports(configuration: VideoConfiguration): Promise<boolean> {
  if (configuration.codec === MJPEG) return true;
  try {
    const config = configOf(configuration, { reordered: false, software: false });
    return (await VideoDecoder.isConfigSupported(config)).supported === true;
  } catch {
    // A codec string that makes no sense to the browser.
    return false;
  }
}

export function openDecoder<Unit extends Decodable>(
  configuration: VideoConfiguration,
  manner: Manner,
  events: DecoderEvents<Unit>,
): Decoder<Unit> {
  return configuration.codec === MJPEG
    ? new JpegDecoder(events)
    : new CodecDecoder(configuration, manner, events);
}

/** Without a description the data is Annex B, with the parameter sets in it. */
function configOf(configuration: VideoConfiguration, manner: Manner): VideoDecoderConfig {
  const { codec, width, height } = configuration;
  // No browser decodes H.265 without hardware.
  const software = manner.software && !/^h(ev|vc)1/.test(codec);
  return {
    codec,
    ...(width > 0 && height > 0 ? { codedWidth: width, codedHeight: height } : {}),
    optimizeForLatency: !manner.reordered,
    hardwareAcceleration: software ? "prefer-software" : "no-preference",
  };
}

class CodecDecoder<Unit extends Decodable> implements Decoder<Unit> {
  private readonly underWay = new Map<number, Unit>();
  private readonly codec: VideoDecoder;
  private config: VideoDecoderConfig;
  private over = false;

  constructor(
    private readonly configuration: VideoConfiguration,
    manner: Manner,
    private readonly events: DecoderEvents<Unit>,
  ) {
    this.config = configOf(configuration, manner);
    this.codec = new VideoDecoder({
      output: (frame) => this.output(frame),
      error: () => this.fail(),
    });
    this.codec.ondequeue = () => {
      if (!this.over) events.room();
    };
    this.attempt(() => this.codec.configure(this.config));
  }

  get queued(): number {
    return this.codec.decodeQueueSize;
  }

  decode(unit: Unit): void {
    let timestamp = unit.mediaUs;
    // Two units of one time: a camera's fault, but the pictures are two.
    while (this.underWay.has(timestamp)) timestamp += 1;
    this.underWay.set(timestamp, unit);
    const [eldest] = this.underWay.keys();
    if (this.underWay.size > UNDER_WAY_MAX && eldest !== undefined) this.underWay.delete(eldest);
    const type = unit.keyframe ? "key" : "delta";
    this.attempt(() =>
      this.codec.decode(new EncodedVideoChunk({ type, timestamp, data: unit.data })),
    );
  }

  restart(): void {
    this.underWay.clear();
    this.attempt(() => {
      this.codec.reset();
      this.codec.configure(this.config);
    });
  }

  retune(manner: Manner): void {
    this.config = configOf(this.configuration, manner);
    this.attempt(() => this.codec.configure(this.config));
  }

  close(): void {
    this.over = true;
    this.underWay.clear();
    if (this.codec.state !== "closed") this.codec.close();
  }

  private output(frame: VideoFrame): void {
    const unit = this.underWay.get(frame.timestamp);
    if (this.over || unit === undefined) {
      frame.close();
      return;
    }
    this.underWay.delete(frame.timestamp);
    this.events.picture(frame, unit);
  }

  /** Browsers throw where a decoder was taken away in the meantime. */
  private attempt(act: () => void): void {
    if (this.over) return;
    try {
      act();
    } catch {
      this.fail();
    }
  }

  private fail(): void {
    if (this.over) return;
    this.close();
    this.events.failed();
  }
}

/** One picture at a time, so that they come in order. One that is broken costs only itself. */
class JpegDecoder<Unit extends Decodable> implements Decoder<Unit> {
  /** Bounded by who hands them in: it asks `queued` first. */
  private waiting: Unit[] = [];
  private busy = false;
  private failures = 0;
  private era = 0;
  private over = false;

  constructor(private readonly events: DecoderEvents<Unit>) {}

  get queued(): number {
    return this.waiting.length;
  }

  decode(unit: Unit): void {
    this.waiting.push(unit);
    if (!this.busy) void this.work();
  }

  restart(): void {
    this.era += 1;
    this.waiting = [];
  }

  /** Pictures that stand alone have one order only. */
  retune(): void {}

  close(): void {
    this.restart();
    this.over = true;
  }

  private async work(): Promise<void> {
    this.busy = true;
    for (let unit = this.waiting.shift(); unit !== undefined; unit = this.waiting.shift()) {
      const { era } = this;
      const frame = await decodeJpeg(unit);
      if (era !== this.era) frame?.close();
      else if (frame !== null) {
        this.failures = 0;
        this.events.picture(frame, unit);
      } else this.failures += 1;
      if (this.over) return;
      if (this.failures >= JPEG_FAILURES_MAX) {
        this.close();
        this.events.failed();
        return;
      }
      this.events.room();
    }
    this.busy = false;
  }
}

/** So many broken pictures one after the other are more than a bad line. */
const JPEG_FAILURES_MAX = 10;

async function decodeJpeg({ data, mediaUs }: Decodable): Promise<VideoFrame | null> {
  try {
    const bitmap = await createImageBitmap(new Blob([data], { type: "image/jpeg" }));
    try {
      return new VideoFrame(bitmap, { timestamp: mediaUs });
    } finally {
      bitmap.close();
    }
  } catch {
    return null;
  }
}
