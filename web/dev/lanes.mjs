// Live video of the stand-in service: clips that cameras play in a loop, and the lanes of one media
// socket. As the real service does it, a lane begins with its newest keyframe and all that followed.
import { encode } from "../test/footage.mjs";

const SLOW = ["-c:v", "libx264", "-tune", "zerolatency", "-profile:v", "main"];
const CLIPS = {
  plain: { codec: "avc1.4D400D", options: SLOW },
  large: { codec: "avc1.4D401E", options: SLOW, width: 640, height: 360 },
  reordered: {
    codec: "avc1.64000D",
    options: ["-c:v", "libx264", "-profile:v", "high", "-bf", "2"],
  },
  h265: {
    codec: "hvc1.1.6.L60.90",
    options: ["-c:v", "libx265", "-x265-params", "log-level=none"],
  },
};

/** Encodes the clips, 8 s of each with a keyframe each second. */
export async function encodeClips() {
  const made = Object.entries(CLIPS).map(async ([name, { codec, ...options }]) => {
    const clip = await encode({ frames: 200, ...options });
    return [name, { codec, ...clip, loopMs: clip.units.length * clip.frameMs }];
  });
  return Object.fromEntries(await Promise.all(made));
}

/** Which clip a camera's sub stream plays at a time: one in ten is H.265, some change their size. */
export function clipOf(clips, { index }, stream, atMs) {
  if (index % 10 === 9) return clips.h265;
  if (stream === "main") return clips.large;
  if (index % 10 === 1) return clips.reordered;
  if (index % 10 === 2 && Math.floor(atMs / 4000) % 2 === 1) return clips.large;
  return clips.plain;
}

/** One socket's lanes. `send` takes header fields and payload; `tell` takes a notice. */
export class Lanes {
  #lanes = new Map();

  constructor(clips, list, { send, tell }) {
    Object.assign(this, { clips, list, send, tell });
  }

  wish(video) {
    const wished = new Map(video.map(({ camera, stream }) => [camera, stream]));
    for (const id of this.#lanes.keys()) if (!wished.has(id)) this.#lanes.delete(id);
    for (const [id, stream] of wished) {
      const lane = this.#lanes.get(id) ?? { sequences: { sub: 0, main: 0 }, clip: null };
      if (lane.stream !== stream) {
        lane.stream = stream;
        lane.clip = null;
        this.tell({ type: "video", camera: id, wished: stream, stream, why: "wished" });
      }
      this.#lanes.set(id, lane);
    }
  }

  /** Sends what is due; `nowMs` counts from the start of the service. */
  tick(nowMs) {
    for (const one of this.list) {
      const lane = this.#lanes.get(one.view.id);
      // A camera that hangs sends nothing.
      if (lane === undefined || !one.tiles) continue;
      this.#play(one, lane, nowMs);
    }
  }

  #play(one, lane, nowMs) {
    const clip = clipOf(this.clips, one, lane.stream, nowMs);
    const perSecond = 1000 / clip.frameMs;
    const newest = Math.floor(nowMs / clip.frameMs);
    const behind = lane.clip === clip && newest - lane.next > 2 * perSecond;
    if (lane.clip !== clip || behind) {
      const { codec, width, height } = clip;
      const configuration = { codec, width, height, stream: lane.stream };
      const payload = Buffer.from(JSON.stringify(configuration));
      this.send(one, { kind: 3, flags: 0, sequence: 0, atMs: nowMs, mediaTime: 0 }, payload);
      lane.clip = clip;
      lane.next = newest - (newest % perSecond);
      lane.gap = true;
    }
    for (; lane.next <= newest; lane.next += 1) this.#unit(one, lane, clip, nowMs);
  }

  #unit(one, lane, clip, nowMs) {
    const n = lane.next % clip.units.length;
    const unit = clip.units[n];
    lane.sequences[lane.stream] += 1;
    const left = one.skips && n % 25 > 5;
    lane.gap ||= left;
    if (left || (lane.gap && !unit.keyframe)) return;
    const flags = (unit.keyframe ? 1 : 0) | (lane.gap ? 2 : 0);
    const loops = Math.floor(lane.next / clip.units.length);
    const mediaTime = ((loops * clip.loopMs + unit.atMs) * 90) >>> 0;
    const atMs = Math.min(nowMs, lane.next * clip.frameMs);
    const sequence = lane.sequences[lane.stream];
    lane.gap = false;
    this.send(one, { kind: 2, flags, sequence, atMs, mediaTime }, unit.data);
  }
}
