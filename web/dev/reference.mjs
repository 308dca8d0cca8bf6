// What each frame of a simulated camera looks like when nothing is wrong: one loop of it, pulled
// from the simulator and decoded by the ffmpeg command.
import { spawn } from "node:child_process";
import { readStrip } from "../test/strip.mjs";

/**
 * The luma of each frame of a camera's loop, by the time in its strip: from RGB, as a browser paints
 * it, since colours that RGB cannot show change their luma on the way.
 */
export async function reference(rtsp, camera, stream, { width, height, frameMs, loopMs }) {
  const url = `rtsp://127.0.0.1:${rtsp}/cam/${String(camera).padStart(3, "0")}/${stream}`;
  const size = width * height * 3;
  const frames = new Map();
  const colours = "scale=in_color_matrix=bt601:in_range=tv:out_range=pc:flags=bilinear";
  const output = ["-vf", colours, "-pix_fmt", "rgb24", "-f", "rawvideo", "-"];
  const options = ["-v", "error", "-threads", "1", "-rtsp_transport", "tcp", "-i", url];
  const child = spawn("ffmpeg", [...options, "-fps_mode", "passthrough", ...output], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const frame = Buffer.alloc(size);
  let filled = 0;
  for await (const chunk of child.stdout) {
    for (let at = 0; at < chunk.length; ) {
      const taken = chunk.copy(frame, filled, at);
      at += taken;
      filled += taken;
      if (filled < size) continue;
      filled = 0;
      const luma = lumaOf(frame);
      const atMs = readStrip((x, y) => luma[y * width + x], width, height);
      if (atMs === null) throw new Error(`${url}: a frame without a strip`);
      frames.set(atMs, luma);
    }
    if (frames.size * frameMs >= loopMs) break;
  }
  child.kill("SIGKILL");
  return { width, height, frameMs, frames };
}

/** As the stage computes it (ITU-R BT.601, limited range). */
function lumaOf(rgb) {
  const luma = Buffer.alloc(rgb.length / 3);
  for (let at = 0; at < luma.length; at += 1) {
    const [r, g, b] = [rgb[at * 3], rgb[at * 3 + 1], rgb[at * 3 + 2]];
    luma[at] = Math.round(16 + ((0.299 * r + 0.587 * g + 0.114 * b) * 219) / 255);
  }
  return luma;
}

/** As the stage loads it: a head in JSON with its length in front, then the frames. */
export function packed({ width, height, frameMs, frames }) {
  const times = [...frames.keys()].sort((a, b) => a - b);
  const head = Buffer.from(JSON.stringify({ width, height, frameMs, units: [], times }));
  const length = Buffer.alloc(4);
  length.writeUInt32BE(head.length);
  return Buffer.concat([length, head, ...times.map((at) => frames.get(at))]);
}
