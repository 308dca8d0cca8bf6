//! A page for tests of players alone, without a wall or a service: footage goes in at a camera's
//! pace, and each painted picture is read back and compared with what it must be.

import { MsePlayer } from "../src/video/mse";
import type { Player, PlayerEvents, VideoConfiguration, VideoFault } from "../src/video/player";
import { WebCodecsPlayer } from "../src/video/webcodecs";
import { readStrip } from "./strip.mjs";

interface Unit {
  readonly atMs: number;
  readonly keyframe: boolean;
  readonly data: Uint8Array<ArrayBuffer>;
}

interface Footage {
  readonly width: number;
  readonly height: number;
  readonly frameMs: number;
  readonly units: readonly Unit[];
  readonly luma: readonly Uint8Array[];
}

interface Painted {
  readonly afterMs: number;
  readonly stripMs: number | null;
  /** Where it stands among all that was played: grows as long as nothing goes back. */
  readonly order: number;
  readonly lateMs: number;
  readonly receivedAtMs: number;
  readonly sequence: number;
  readonly width: number;
  /** Against the decoded footage at the strip's time, in dB. */
  readonly psnr: number;
}

const PLAYERS: Readonly<Record<string, (events: PlayerEvents) => Player>> = {
  mse: (events) => new MsePlayer(events),
  webcodecs: (events) => new WebCodecsPlayer(events),
};

class Stage {
  painted: Painted[] = [];
  faults: VideoFault[] = [];
  dropped = 0;
  private videos: HTMLVideoElement[] = [];
  private readonly footage = new Map<string, Footage>();
  private readonly canvas = document.createElement("canvas");
  private player: Player | null = null;
  private sequence = 0;
  private mediaTime = 0xffff_0000;
  /** By sequence: the how manieth piece that was played, and of which footage. */
  private readonly pieceOf = new Map<number, { readonly nth: number; readonly name: string }>();
  private pieces = 0;
  private began = 0;

  async load(name: string): Promise<void> {
    const answer = await fetch(`/footage/${name}`);
    const all = await answer.arrayBuffer();
    const length = new DataView(all).getUint32(0);
    const head = JSON.parse(new TextDecoder().decode(new Uint8Array(all, 4, length)));
    let at = 4 + length;
    const take = (size: number) => {
      at += size;
      return new Uint8Array(all, at - size, size);
    };
    const units = head.units.map((unit: { size: number }) => ({ ...unit, data: take(unit.size) }));
    const luma = Array.from({ length: units.length }, () => take(head.width * head.height));
    this.footage.set(name, { ...head, units, luma });
  }

  open(kind: string): void {
    this.player?.close();
    this.videos = [];
    this.painted = [];
    this.faults = [];
    this.dropped = 0;
    this.began = performance.now();
    this.player =
      PLAYERS[kind]?.({
        picture: (picture) => {
          const { image, width, height, sequence, receivedAtMs } = picture;
          if (image instanceof HTMLVideoElement) this.videos = [image];
          this.note(image, width, height, sequence, receivedAtMs);
          picture.close();
        },
        fault: (why) => this.faults.push(why),
        dropped: (count) => {
          this.dropped += count;
        },
      }) ?? null;
  }

  close(): void {
    this.player?.close();
    this.player = null;
  }

  configure(configuration: VideoConfiguration): void {
    this.player?.configure(configuration);
  }

  /**
   * Plays units `from` to `until`, the first `burst` of them at once. `spoil` are damaged, `leave` are
   * left out: `flagged` as the service does it, or only `counted` by the sequence, or `hidden`.
   */
  async play(
    name: string,
    options: {
      from?: number;
      until?: number;
      burst?: number;
      leave?: number[];
      spoil?: number[];
      gaps?: "flagged" | "counted" | "hidden";
    } = {},
  ): Promise<void> {
    const footage = this.footage.get(name);
    if (footage === undefined) throw new Error(`no footage ${name}`);
    this.pieces += 1;
    const { from = 0, until = footage.units.length, burst = 1 } = options;
    const { leave = [], spoil = [], gaps = "flagged" } = options;
    const start = performance.now() - (burst - 1) * footage.frameMs;
    let gap = true;
    for (const [index, unit] of footage.units.slice(from, until).entries()) {
      const n = from + index;
      await sleep(start + index * footage.frameMs - performance.now());
      const left = leave.includes(n);
      if (!left || gaps !== "hidden") this.sequence += 1;
      this.pieceOf.set(this.sequence, { nth: this.pieces, name });
      if (left && gaps === "flagged") gap = true;
      if (left || (gap && !unit.keyframe)) continue;
      const data = unit.data.slice();
      if (spoil.includes(n)) data.fill(0x55, data.length >> 1);
      const header = {
        kind: "video" as const,
        keyframe: unit.keyframe,
        discontinuity: gap,
        notLive: false,
        handle: 1,
        sequence: this.sequence,
        receivedAtMs: Date.now() - Math.max(0, burst - 1 - index) * footage.frameMs,
        mediaTime: (this.mediaTime + unit.atMs * 90) >>> 0,
      };
      gap = false;
      this.player?.unit(header, data);
    }
    this.mediaTime = (this.mediaTime + (until - from) * footage.frameMs * 90) >>> 0;
  }

  /** Waits until no picture has come for a while. */
  async settle(): Promise<void> {
    let count = -1;
    while (count !== this.painted.length) {
      count = this.painted.length;
      await sleep(400);
    }
  }

  /** How much video the page's elements hold, in seconds. */
  get bufferedS(): number {
    return this.videos.reduce((sum, { buffered }) => {
      const { length } = buffered;
      return sum + (length === 0 ? 0 : buffered.end(length - 1) - buffered.start(0));
    }, 0);
  }

  private note(
    image: CanvasImageSource,
    width: number,
    height: number,
    sequence: number,
    receivedAtMs: number,
  ): void {
    const lateMs = Date.now() - receivedAtMs;
    this.canvas.width = width;
    this.canvas.height = height;
    const to = this.canvas.getContext("2d", { willReadFrequently: true });
    if (to === null) return;
    to.drawImage(image, 0, 0, width, height);
    const { data } = to.getImageData(0, 0, width, height);
    const at = (x: number, y: number) => data[(y * width + x) * 4 + 1] ?? 0;
    const stripMs = readStrip(at, width, height);
    const piece = this.pieceOf.get(sequence);
    const footage = this.footage.get(piece?.name ?? "");
    const wanted = footage?.luma[(stripMs ?? 0) / footage.frameMs];
    const psnr = wanted === undefined ? 0 : compare(data, wanted);
    const afterMs = performance.now() - this.began;
    const order = (piece?.nth ?? 0) * 1_000_000 + (stripMs ?? 0);
    this.painted.push({ afterMs, stripMs, order, lateMs, receivedAtMs, sequence, width, psnr });
  }
}

/** The footage is grey, so green is luma, stretched to the full range. */
function compare(rgba: Uint8ClampedArray, luma: Uint8Array): number {
  if (rgba.length !== luma.length * 4) return 0;
  let sum = 0;
  for (let at = 0; at < luma.length; at += 1) {
    const wanted = Math.min(255, Math.max(0, (((luma[at] ?? 0) - 16) * 255) / 219));
    sum += ((rgba[at * 4 + 1] ?? 0) - wanted) ** 2;
  }
  return 10 * Math.log10(255 ** 2 / Math.max(0.01, sum / luma.length));
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.max(0, ms)));
}

Object.assign(window, { stage: new Stage() });
