//! A page for tests of players alone, without a wall or a service: footage goes in at a camera's
//! pace, and each painted picture is read back and compared with what it must be.

import { MsePlayer } from "../src/video/mse";
import type { Player, PlayerEvents, VideoConfiguration, VideoFault } from "../src/video/player";
import { WebCodecs } from "../src/video/webcodecs";
import { decode } from "../src/wire/header";
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
  /** What a correct decoder makes of it, by the time in the strip. */
  readonly luma: ReadonlyMap<number, Uint8Array>;
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
  /** The block whose mean luma differs most: by so many of 255 steps. */
  readonly worst: number;
}

const PLAYERS: Record<string, (events: PlayerEvents) => Player> = {
  mse: (events) => new MsePlayer(events),
};
if (typeof VideoDecoder !== "undefined") {
  const decoders = new WebCodecs("/video-worker.js", 2, () => Date.now());
  PLAYERS.webcodecs = (events) => decoders.open(events);
}

/** By name; shared, since a loop of a camera is 46 MB. */
const FOOTAGE = new Map<string, Footage>();

class Stage {
  painted: Painted[] = [];
  faults: VideoFault[] = [];
  dropped = 0;
  /** Units that came, and that the service left out before them. */
  units = 0;
  left = 0;
  /** So many units are to be lost on the way to the player, unknown to it. */
  corrupt = 0;
  private skew = 0;
  private videos: HTMLVideoElement[] = [];
  private readonly canvas = document.createElement("canvas");
  private player: Player | null = null;
  private sequence = 0;
  private mediaTime = 0xffff_0000;
  /** By sequence: the how manieth piece that was played, and of which footage. */
  private readonly pieceOf = new Map<number, { readonly nth: number; readonly name: string }>();
  private pieces = 0;
  private listening: string | null = null;
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
    const size = head.width * head.height;
    const times: number[] = head.times;
    const luma = new Map(times.map((at) => [at, take(size)] as const));
    FOOTAGE.set(name, { ...head, units, luma });
  }

  /** Whether there is a player of this kind. */
  open(kind: string): boolean {
    this.player?.close();
    this.videos = [];
    this.listening = null;
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
    return this.player !== null;
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
    const footage = FOOTAGE.get(name);
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

  /**
   * Plays a camera of the service that this page came from; `name` is its footage, to compare. The
   * main streams of the cameras in `ballast` come too, and are not looked at.
   */
  listen(
    name: string,
    { camera, handle }: { camera: string; handle: number },
    stream: "sub" | "main",
    ballast: readonly string[] = [],
  ): Promise<void> {
    this.listening = name;
    const socket = new WebSocket(`ws://${location.host}/api/v1/media`, "watchwall.media.v1");
    socket.binaryType = "arraybuffer";
    const say = (message: object) => socket.send(JSON.stringify(message));
    let received = 0;
    let last: number | null = null;
    socket.addEventListener("message", ({ data }) => {
      if (typeof data === "string") return;
      received += data.byteLength;
      const message = decode(data);
      if (!message.ok || message.header.handle !== handle) return;
      const { header, payload } = message;
      if (header.kind === "video-configuration") {
        this.configure(JSON.parse(new TextDecoder().decode(payload)));
      } else if (header.kind === "video") {
        this.units += 1;
        if (last !== null) this.left += (header.sequence - last - 1) >>> 0;
        last = header.sequence;
        if (this.corrupt > 0 && !header.keyframe) {
          // As if the service had left out one unit and not said so.
          this.corrupt -= 1;
          this.skew += 1;
          return;
        }
        const sequence = (header.sequence - this.skew) >>> 0;
        this.player?.unit({ ...header, sequence }, payload);
      }
    });
    const reporting = setInterval(() => say({ type: "progress", received }), 1000);
    socket.addEventListener("close", () => clearInterval(reporting));
    return new Promise((resolve, reject) => {
      socket.addEventListener("error", () => reject(new Error("no media socket")));
      socket.addEventListener("open", () => {
        const tiles = { cameras: [], width: 320 };
        const others = ballast.map((id) => ({ camera: id, stream: "main" }));
        say({ type: "subscribe", tiles, video: [{ camera, stream }, ...others] });
        resolve();
      });
    });
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
    const name = this.listening ?? this.pieceOf.get(sequence)?.name ?? "";
    const wanted = FOOTAGE.get(name)?.luma.get(stripMs ?? -1);
    const { psnr, worst } = compare(data, width, wanted);
    const afterMs = performance.now() - this.began;
    const order = (this.pieceOf.get(sequence)?.nth ?? 0) * 1_000_000 + (stripMs ?? 0);
    this.painted.push({
      afterMs,
      stripMs,
      order,
      lateMs,
      receivedAtMs,
      sequence,
      width,
      psnr,
      worst,
    });
  }
}

/**
 * Luma as ITU-R BT.601 has it in the limited range, which browsers take small pictures for that do
 * not tell their colours.
 */
function compare(
  rgba: Uint8ClampedArray,
  width: number,
  wanted: Uint8Array | undefined,
): { psnr: number; worst: number } {
  if (wanted === undefined || rgba.length !== wanted.length * 4) return { psnr: 0, worst: 255 };
  const columns = Math.ceil(width / BLOCK);
  const blocks = new Float64Array(columns * Math.ceil(wanted.length / width / BLOCK));
  let sum = 0;
  for (let at = 0, y = 0; at < wanted.length; y += 1) {
    const first = Math.floor(y / BLOCK) * columns;
    for (let x = 0; x < width; x += 1, at += 1) {
      const [r, g, b] = [rgba[at * 4] ?? 0, rgba[at * 4 + 1] ?? 0, rgba[at * 4 + 2] ?? 0];
      const luma = 16 + ((0.299 * r + 0.587 * g + 0.114 * b) * 219) / 255;
      const apart = luma - (wanted[at] ?? 0);
      sum += apart * apart;
      const block = first + Math.floor(x / BLOCK);
      blocks[block] = (blocks[block] ?? 0) + apart;
    }
  }
  const psnr = 10 * Math.log10(255 ** 2 / Math.max(0.01, sum / wanted.length));
  const worst = blocks.reduce((most, block) => Math.max(most, Math.abs(block)), 0) / BLOCK ** 2;
  return { psnr, worst };
}

/** Averages over so many pixels square: how colour is spread between pixels is a browser's choice. */
const BLOCK = 8;

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.max(0, ms)));
}

Object.assign(window, { stage: new Stage(), Stage });
