//! Video through WebCodecs: players on the page's side of a few workers, which do all the work.

import type { Header } from "../wire/header";
import { type FromWorker, steadyMs, type ToWorker, type UnitHeader } from "./messages";
import type { Player, PlayerEvents, VideoConfiguration } from "./player";

/** Decoding runs on threads of the browser's own; a worker only hands over what goes in and out. */
const WORKERS_MAX = 4;
/** A worker that has so many units of a lane and says nothing is stuck: the lane begins anew. */
const UNANSWERED_MAX = 600;
/** Pictures that were taken are told together, this often. */
const TAKEN_EVERY_MS = 4;

interface Open {
  readonly events: PlayerEvents;
  unanswered: number;
  /** Too many were unanswered: nothing goes to the worker before the next keyframe. */
  gated: boolean;
}

/** One worker and what the page knows of its lanes. */
class Thread {
  readonly lanes = new Map<number, Open>();
  private readonly worker: Worker;
  private taken: number[] = [];

  constructor(url: string) {
    this.worker = new Worker(url, { type: "module", name: "video" });
    this.worker.onmessage = ({ data }: MessageEvent<FromWorker>) => this.hear(data);
    this.worker.onerror = () => {
      for (const { events } of this.lanes.values()) events.fault("broken");
    };
  }

  say(message: ToWorker, transfer: Transferable[] = []): void {
    this.worker.postMessage(message, transfer);
  }

  private hear(message: FromWorker): void {
    if (message.type === "accounts") {
      for (const { lane: number, consumed, dropped } of message.accounts) {
        const lane = this.lanes.get(number);
        if (lane === undefined) continue;
        lane.unanswered = Math.max(0, lane.unanswered - consumed);
        if (dropped > 0) lane.events.dropped(dropped);
      }
      return;
    }
    const lane = this.lanes.get(message.lane);
    if (message.type === "fault") {
      lane?.events.fault(message.why);
      return;
    }
    const { image, receivedAtMs, sequence } = message;
    if (lane === undefined) {
      image.close();
      return;
    }
    if (this.taken.length === 0) setTimeout(() => this.tellTaken(), TAKEN_EVERY_MS);
    this.taken.push(message.lane);
    const [width, height] =
      "displayWidth" in image
        ? [image.displayWidth, image.displayHeight]
        : [image.width, image.height];
    lane.events.picture({
      image,
      width,
      height,
      receivedAtMs,
      sequence,
      close: () => image.close(),
    });
  }

  private tellTaken(): void {
    this.say({ type: "taken", lanes: this.taken });
    this.taken = [];
  }
}

/** Opens players; workers begin with the first of them and stay. */
export class WebCodecs {
  private readonly threads: Thread[] = [];
  private opened = 0;

  constructor(
    private readonly url: string,
    cores: number,
    /** The service's clock, Unix milliseconds, once it is known. */
    private readonly serverNow: () => number | null,
    private readonly threadsMax = Math.min(WORKERS_MAX, Math.max(1, Math.floor(cores / 2))),
  ) {}

  open(events: PlayerEvents): Player {
    const thread = this.idlest();
    this.opened += 1;
    const number = this.opened;
    thread.lanes.set(number, { events, unanswered: 0, gated: false });
    thread.say({ type: "open", lane: number });
    return {
      configure: (configuration: VideoConfiguration) => {
        thread.say({ type: "configure", lane: number, configuration });
      },
      fit: (place) => thread.say({ type: "fit", lane: number, place }),
      unit: (header, data) => {
        const arrivedMs = steadyMs();
        const server = this.serverNow();
        const agoMs = server === null ? 0 : Math.max(0, server - header.receivedAtMs);
        unit(thread, number, header, { arrivedMs, servedMs: arrivedMs - agoMs }, data);
      },
      close: () => {
        thread.lanes.delete(number);
        thread.say({ type: "close", lane: number });
      },
    };
  }

  private idlest(): Thread {
    const [first] = [...this.threads].sort((a, b) => a.lanes.size - b.lanes.size);
    if (first !== undefined && (first.lanes.size === 0 || this.threads.length >= this.threadsMax))
      return first;
    const thread = new Thread(this.url);
    this.threads.push(thread);
    return thread;
  }
}

function unit(
  thread: Thread,
  number: number,
  header: Header,
  times: Pick<UnitHeader, "arrivedMs" | "servedMs">,
  data: Uint8Array<ArrayBuffer>,
): void {
  const lane = thread.lanes.get(number);
  if (lane === undefined) return;
  const { keyframe, sequence, receivedAtMs, mediaTime } = header;
  if (lane.unanswered >= UNANSWERED_MAX) lane.gated = true;
  if (lane.gated && (!keyframe || lane.unanswered >= UNANSWERED_MAX)) {
    lane.events.dropped(1);
    return;
  }
  const discontinuity = header.discontinuity || lane.gated;
  lane.gated = false;
  lane.unanswered += 1;
  const short = { keyframe, discontinuity, sequence, receivedAtMs, mediaTime, ...times };
  thread.say({ type: "unit", lane: number, header: short, data }, [data.buffer]);
}
