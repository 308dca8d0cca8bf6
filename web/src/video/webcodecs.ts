//! Live video through WebCodecs in workers: the page hands units over and gets pictures when they
//! are due.

import type { Header } from "../wire/header";
import type { FromWorker, LanePicture, ToWorker, UnitHeader } from "./messages";
import type { Player, PlayerEvents, VideoConfiguration, VideoFault } from "./player";

/** More would only share the decoders' threads among them. */
const WORKERS = 2;
/**
 * Units on their way to a worker, at most: 10 s at 25 a second. A worker that is that far behind
 * gets no more before the next keyframe.
 */
const ON_THE_WAY_MAX = 250;

/** Whether this browser plays video this way; pages over plain HTTP do not. */
export function hasWebCodecs(): boolean {
  return typeof VideoDecoder === "function" && typeof Worker === "function";
}

export class WebCodecsPlayer implements Player {
  private readonly lane: number;
  private readonly crew: Crew;
  private configurations = 0;
  private faulted = false;
  private closed = false;
  private onTheWay = 0;
  /** Something was left out: a keyframe comes next. */
  private wanting = false;

  constructor(private readonly events: PlayerEvents) {
    this.lane = nextLane;
    nextLane += 1;
    this.crew = crewOf(this.lane);
    this.crew.join(this.lane, this);
  }

  configure(configuration: VideoConfiguration): void {
    if (this.closed) return;
    this.configurations += 1;
    this.faulted = false;
    this.crew.send({ type: "configure", lane: this.lane, configuration });
    if (this.crew.dead) this.fault("broken", this.configurations);
  }

  unit(header: Header, data: Uint8Array<ArrayBuffer>): void {
    if (this.closed || this.faulted) return;
    if (this.onTheWay >= ON_THE_WAY_MAX) this.wanting = true;
    if (this.wanting && (!header.keyframe || this.onTheWay >= ON_THE_WAY_MAX)) {
      this.events.dropped(1);
      return;
    }
    const { keyframe, sequence, receivedAtMs, mediaTime } = header;
    const discontinuity = header.discontinuity || this.wanting;
    this.wanting = false;
    this.onTheWay += 1;
    const told: UnitHeader = { keyframe, discontinuity, sequence, receivedAtMs, mediaTime };
    this.crew.send({ type: "unit", lane: this.lane, header: told, data }, [data.buffer]);
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.crew.leave(this.lane);
  }

  /** A picture from the worker is due. */
  show({ frame, receivedAtMs, sequence }: LanePicture): void {
    const { displayWidth: width, displayHeight: height } = frame;
    let open = true;
    const close = () => {
      if (!open) return;
      open = false;
      frame.close();
      if (!this.closed) this.crew.taken(this.lane);
    };
    this.events.picture({ image: frame, width, height, receivedAtMs, sequence, close });
  }

  account(arrived: number, dropped: number): void {
    this.onTheWay = Math.max(0, this.onTheWay - arrived);
    if (dropped > 0) this.events.dropped(dropped);
  }

  /** One that was sent before the newest configuration got there is not about it. */
  fault(why: VideoFault, configurations = this.configurations): void {
    if (this.faulted || configurations < this.configurations) return;
    this.faulted = true;
    this.events.fault(why);
  }
}

/** One worker and the players whose lanes it plays. */
class Crew {
  /** The worker could not be started or threw: its lanes stand still. */
  dead = false;
  private readonly worker: Worker;
  private readonly players = new Map<number, WebCodecsPlayer>();
  /** Pictures given back in this turn of the event loop. */
  private given: number[] = [];

  constructor() {
    const url = new URL("video-worker.js", import.meta.url);
    this.worker = new Worker(url, { type: "module", name: "video" });
    this.worker.onmessage = ({ data }: MessageEvent<FromWorker>) => this.heard(data);
    this.worker.onerror = () => this.die();
  }

  join(lane: number, player: WebCodecsPlayer): void {
    this.players.set(lane, player);
    this.send({ type: "open", lane });
  }

  leave(lane: number): void {
    this.players.delete(lane);
    this.send({ type: "close", lane });
  }

  send(message: ToWorker, transfer: Transferable[] = []): void {
    if (!this.dead) this.worker.postMessage(message, transfer);
  }

  taken(lane: number): void {
    if (this.given.length === 0) queueMicrotask(() => this.giveBack());
    this.given.push(lane);
  }

  private giveBack(): void {
    const lanes = this.given;
    this.given = [];
    this.send({ type: "taken", lanes });
  }

  private heard(message: FromWorker): void {
    switch (message.type) {
      case "pictures":
        for (const picture of message.pictures) {
          const player = this.players.get(picture.lane);
          if (player === undefined) picture.frame.close();
          else player.show(picture);
        }
        break;
      case "fault":
        this.players.get(message.lane)?.fault(message.why, message.configurations);
        break;
      case "accounts":
        for (const { lane, arrived, dropped } of message.accounts)
          this.players.get(lane)?.account(arrived, dropped);
        break;
    }
  }

  private die(): void {
    if (this.dead) return;
    this.dead = true;
    this.worker.terminate();
    for (const player of this.players.values()) player.fault("broken");
  }
}

let nextLane = 0;
/** Started when a lane needs them; a dead one is replaced for the lanes that come later. */
const crews: Crew[] = [];

function crewOf(lane: number): Crew {
  const place = lane % WORKERS;
  const known = crews[place];
  if (known !== undefined && !known.dead) return known;
  const crew = new Crew();
  crews[place] = crew;
  return crew;
}
