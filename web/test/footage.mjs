// Footage of the tests' own: pictures that move and tell their time, encoded by the ffmpeg command
// as a camera would, with what a correct decoder makes of them.
import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { drawStrip } from "./strip.mjs";

const FRAME_MS = 40;

/**
 * Encodes `frames` pictures at 25 a second. The answer has the access units in decoding order, and
 * the luma of each picture as ffmpeg decodes it, in the order of showing.
 */
export async function encode({
  width = 320,
  height = 180,
  frames = 75,
  interval = 25,
  options = ["-c:v", "libx264", "-tune", "zerolatency", "-profile:v", "main"],
} = {}) {
  const folder = await mkdtemp(join(tmpdir(), "watchwall-footage-"));
  try {
    const [raw, file] = [join(folder, "raw.yuv"), join(folder, "coded.nut")];
    const pictures = Array.from({ length: frames }, (_, n) => draw(width, height, n * FRAME_MS));
    await writeFile(raw, Buffer.concat(pictures));
    const input = ["-f", "rawvideo", "-pix_fmt", "yuv420p", "-s", `${width}x${height}`];
    const keyframes = [
      "-g",
      String(interval),
      "-keyint_min",
      String(interval),
      "-sc_threshold",
      "0",
    ];
    const codec = [...options, ...keyframes, "-flags", "-global_header", "-threads", "1"];
    await run("ffmpeg", [...input, "-r", "25", "-i", raw, ...codec, file]);
    const gray = ["-f", "rawvideo", "-pix_fmt", "gray", "-fps_mode", "passthrough", "-"];
    // Limited range stays as it is: `yuv420p` to `gray` would stretch it.
    const decoded = await run("ffmpeg", ["-i", file, "-vf", "extractplanes=y", ...gray]);
    const size = width * height;
    const luma = pictures.map((_, n) => decoded.subarray(n * size, (n + 1) * size));
    return { width, height, frameMs: FRAME_MS, units: await unitsOf(file), luma };
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** A slanted pattern that moves, with a block that crosses it: whatever is damaged differs. */
function draw(width, height, atMs) {
  const picture = Buffer.alloc((width * height * 3) / 2, 128);
  const luma = picture.subarray(0, width * height);
  const moved = atMs / 10;
  for (let y = 0; y < height; y += 1)
    for (let x = 0; x < width; x += 1)
      luma[y * width + x] = 60 + (((x + moved) ^ (y + moved / 2)) & 127);
  const left = Math.floor((atMs / 8) % (width - 40));
  for (let y = 40; y < 80; y += 1) luma.fill(220, y * width + left, y * width + left + 40);
  drawStrip(luma, width, height, atMs);
  return picture;
}

async function unitsOf(file) {
  const entries = ["-show_packets", "-show_data", "-show_entries", "packet=pts_time,flags,data"];
  const { packets } = JSON.parse(await run("ffprobe", ["-of", "json", ...entries, file]));
  const first = Math.min(...packets.map(({ pts_time }) => Number(pts_time)));
  return packets.map(({ pts_time, flags, data }) => ({
    atMs: Math.round((Number(pts_time) - first) * 1000),
    keyframe: flags.startsWith("K"),
    data: Buffer.from(
      data
        .split("\n")
        .map((line) => line.slice(10, 49).replaceAll(" ", ""))
        .join(""),
      "hex",
    ),
  }));
}

async function run(command, options) {
  const all = ["-v", "error", ...options];
  const { stdout } = await promisify(execFile)(command, all, {
    encoding: "buffer",
    maxBuffer: 1 << 28,
  });
  return stdout;
}
