//! A video worker: lanes by number, one timer for all of them, and their accounts. The page's thread
//! only paints.

import { Lane } from "./lane";
import {
  type FromWorker,
  type LaneAccount,
  steadyMs,
  type ToWorker,
  type UnitHeader,
} from "./messages";
import type { Place } from "./player";
import { present } from "./present";

/** Pictures are due to this many milliseconds; half of what the fastest screens show one for. */
const TICK_MS = 4;
const ACCOUNT_MS = 250;

interface Open {
  readonly lane: Lane;
  place: Place | null;
  /** Pictures are presented one after the other. */
  presented: Promise<void>;
  consumed: number;
  dropped: number;
}

const lanes = new Map<number, Open>();
let ticking: ReturnType<typeof setInterval> | null = null;

/** The part of a dedicated worker's scope that is used: its types and a page's do not go together. */
interface Scope {
  onmessage: ((event: MessageEvent<ToWorker>) => void) | null;
  postMessage(message: FromWorker, transfer: Transferable[]): void;
}

const scope = self as unknown as Scope;

scope.onmessage = ({ data: message }) => {
  switch (message.type) {
    case "open":
      lanes.set(message.lane, open(message.lane));
      ticking ??= setInterval(tick, TICK_MS);
      break;
    case "configure":
      lanes.get(message.lane)?.lane.configure(message.configuration);
      break;
    case "unit":
      lanes.get(message.lane)?.lane.unit(message.header, message.data);
      break;
    case "fit": {
      const fitted = lanes.get(message.lane);
      if (fitted !== undefined) fitted.place = message.place;
      break;
    }
    case "taken":
      for (const lane of message.lanes) lanes.get(lane)?.lane.took();
      break;
    case "close":
      lanes.get(message.lane)?.lane.close();
      lanes.delete(message.lane);
      if (lanes.size > 0 || ticking === null) break;
      clearInterval(ticking);
      ticking = null;
  }
};

function open(number: number): Open {
  const lane = new Lane({
    picture: (frame, header) => {
      opened.presented = opened.presented.then(() => show(number, frame, header));
    },
    fault: (why) => scope.postMessage({ type: "fault", lane: number, why }, []),
  });
  const presented = Promise.resolve();
  const opened: Open = { lane, place: null, presented, consumed: 0, dropped: 0 };
  return opened;
}

async function show(lane: number, frame: VideoFrame, header: UnitHeader): Promise<void> {
  const { receivedAtMs, sequence } = header;
  const image = await present(frame, lanes.get(lane)?.place ?? null);
  if (lanes.has(lane)) {
    scope.postMessage({ type: "picture", lane, image, receivedAtMs, sequence }, [image]);
  } else image.close();
}

let accountedAt = 0;

function tick(): void {
  const now = steadyMs();
  for (const { lane } of lanes.values()) lane.tick(now);
  if (now - accountedAt < ACCOUNT_MS) return;
  accountedAt = now;
  const accounts: LaneAccount[] = [];
  for (const [lane, open] of lanes) {
    const { consumed, dropped } = open.lane;
    if (consumed === open.consumed && dropped === open.dropped) continue;
    accounts.push({ lane, consumed: consumed - open.consumed, dropped: dropped - open.dropped });
    Object.assign(open, { consumed, dropped });
  }
  if (accounts.length > 0) scope.postMessage({ type: "accounts", accounts }, []);
}
