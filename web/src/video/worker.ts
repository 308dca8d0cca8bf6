//! A worker that plays many lanes, so that the page only draws. One timer, for whichever lane is
//! due first.

import { Lane } from "./lane";
import type { FromWorker, LaneAccount, LanePicture, ToWorker } from "./messages";

interface Playing {
  readonly lane: Lane;
  /** When it wants to be called; infinite while only an event can bring it further. */
  dueMs: number;
}

/** Of a worker's global scope, what is used here: the page's types know only the page's. */
interface Port {
  onmessage: ((event: MessageEvent<ToWorker>) => void) | null;
  postMessage(message: FromWorker, transfer?: Transferable[]): void;
}

const ACCOUNTS_EVERY_MS = 250;

const port = globalThis as unknown as Port;
const lanes = new Map<number, Playing>();
/** Pictures of this turn of the event loop; at most one for each lane and event. */
let outbox: LanePicture[] = [];
let timer: ReturnType<typeof setTimeout> | undefined;
let timerMs = Number.POSITIVE_INFINITY;

port.onmessage = ({ data: message }) => {
  if (message.type === "taken") {
    for (const id of message.lanes) lanes.get(id)?.lane.took();
    for (const id of new Set(message.lanes)) run(id);
    return;
  }
  const { lane: id } = message;
  if (message.type === "open") open(id);
  const lane = lanes.get(id)?.lane;
  if (lane === undefined) return;
  if (message.type === "configure") lane.configure(message.configuration);
  else if (message.type === "unit") lane.unit(message.header, message.data, performance.now());
  else if (message.type === "close") {
    lane.close();
    lanes.delete(id);
    return;
  }
  run(id);
};

setInterval(() => {
  const accounts: LaneAccount[] = [];
  for (const [id, { lane }] of lanes) {
    const account = lane.account();
    if (account.arrived + account.dropped > 0) accounts.push({ lane: id, ...account });
  }
  if (accounts.length > 0) port.postMessage({ type: "accounts", accounts });
}, ACCOUNTS_EVERY_MS);

function open(id: number): void {
  const lane = new Lane({
    picture: (picture) => {
      if (outbox.length === 0) queueMicrotask(send);
      outbox.push({ lane: id, ...picture });
    },
    fault: (why, configurations) =>
      port.postMessage({ type: "fault", lane: id, why, configurations }),
    wake: () => run(id),
  });
  lanes.set(id, { lane, dueMs: Number.POSITIVE_INFINITY });
}

function run(id: number): void {
  const playing = lanes.get(id);
  if (playing === undefined) return;
  const nowMs = performance.now();
  const waitMs = playing.lane.tick(nowMs);
  playing.dueMs = waitMs === null ? Number.POSITIVE_INFINITY : nowMs + waitMs;
  if (playing.dueMs < timerMs) arm(playing.dueMs);
}

function arm(dueMs: number): void {
  clearTimeout(timer);
  timerMs = dueMs;
  timer = setTimeout(onTimer, Math.max(0, dueMs - performance.now()));
}

function onTimer(): void {
  timerMs = Number.POSITIVE_INFINITY;
  // Timers have a grain of a millisecond or more: what is due within it is due now.
  const nowMs = performance.now() + 1;
  let soonestMs = Number.POSITIVE_INFINITY;
  for (const [id, playing] of lanes) {
    if (playing.dueMs <= nowMs) run(id);
    soonestMs = Math.min(soonestMs, playing.dueMs);
  }
  if (soonestMs < timerMs) arm(soonestMs);
}

function send(): void {
  const pictures = outbox;
  outbox = [];
  port.postMessage(
    { type: "pictures", pictures },
    pictures.map(({ frame }) => frame),
  );
}
