// The usual relay, for comparison: `ffmpeg -c copy` pulls each stream once, this cuts it into access
// units, and the npm package `ws` sends each one to every viewer of its stream. Arguments: the RTSP
// address, then camera numbers. Viewers ask for `/NUMBER`; a viewer's first unit is a keyframe.

import { spawn } from "node:child_process";
import { createRequire } from "node:module";

const { WebSocketServer } = createRequire(new URL("../../web/package.json", import.meta.url))("ws");

/** `aud=insert` makes every access unit begin with this. */
const DELIMITER = Buffer.from([0, 0, 0, 1, 9]);
const IDR = Buffer.from([0, 0, 1, 0x65]);
const HEADER = 24;
/** A viewer with more than this unsent misses units until the next keyframe. */
const BEHIND = 4 << 20;

const [base, ...cameras] = process.argv.slice(2);
const streams = new Map(cameras.map((camera) => [`/${camera}`, pull(camera)]));

function pull(camera) {
  const stream = { viewers: new Map(), sequence: 0, pending: Buffer.alloc(0) };
  const from = `${base}/cam/${camera}/sub`;
  stream.ffmpeg = spawn(
    "ffmpeg",
    ["-nostdin", "-loglevel", "error", "-rtsp_transport", "tcp", "-i", from, "-c", "copy"]
      .concat(["-bsf:v", "h264_metadata=aud=insert", "-flush_packets", "1", "-f", "h264", "pipe:1"]),
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  stream.ffmpeg.stdout.on("data", (chunk) => {
    stream.pending = stream.pending.length > 0 ? Buffer.concat([stream.pending, chunk]) : chunk;
    for (;;) {
      const end = stream.pending.indexOf(DELIMITER, DELIMITER.length);
      if (end < 0) {
        return;
      }
      publish(stream, Number(camera), stream.pending.subarray(0, end));
      stream.pending = stream.pending.subarray(end);
    }
  });
  return stream;
}

function publish(stream, handle, unit) {
  const keyframe = unit.includes(IDR);
  const message = Buffer.allocUnsafe(HEADER + unit.length);
  message.writeUInt8(1, 0);
  message.writeUInt8(2, 1);
  message.writeUInt16BE(keyframe ? 1 : 0, 2);
  message.writeUInt32BE(handle, 4);
  message.writeUInt32BE(++stream.sequence, 8);
  message.writeBigUInt64BE(BigInt(Math.round((performance.timeOrigin + performance.now()) * 1000)), 12);
  message.writeUInt32BE(0, 20);
  unit.copy(message, HEADER);
  for (const [viewer, state] of stream.viewers) {
    state.started = (state.started || keyframe) && viewer.bufferedAmount < BEHIND;
    if (state.started) {
      viewer.send(message, { binary: true });
    }
  }
}

const server = new WebSocketServer({
  host: "127.0.0.1",
  port: 0,
  handleProtocols: (offered) => offered.values().next().value ?? false,
});
server.on("connection", (viewer, request) => {
  const stream = streams.get(request.url);
  if (!stream) {
    viewer.close();
    return;
  }
  stream.viewers.set(viewer, { started: false });
  viewer.on("error", () => {});
  viewer.on("close", () => stream.viewers.delete(viewer));
});
server.on("listening", () => console.log(`relays at ws://127.0.0.1:${server.address().port}/`));
process.on("SIGTERM", () => {
  for (const stream of streams.values()) {
    stream.ffmpeg.kill("SIGKILL");
  }
  process.exit(0);
});
