import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { type NalCodec, nals, type ParameterSets, split } from "../src/video/annexb";
import { concat, fragment, initSegment } from "../src/video/fmp4";
import { Timeline, UNIT_DURATION } from "../src/video/timeline";

const folder = mkdtempSync(join(tmpdir(), "watchwall-fmp4-"));
after(() => rmSync(folder, { recursive: true }));

interface Packet {
  readonly pts: number;
  readonly keyframe: boolean;
  readonly data: Uint8Array;
}

const KINDS = {
  "H.264 without B-frames": ["h264", "libx264", "-tune", "zerolatency", "-profile:v", "main"],
  "H.264 high with B-frames": ["h264", "libx264", "-profile:v", "high", "-bf", "3"],
  "H.264 of ten bits": ["h264", "libx264", "-pix_fmt", "yuv420p10le", "-bf", "2"],
  "H.265 with B-frames": ["h265", "libx265", "-x265-params", "log-level=none:bframes=3:pools=none"],
} as const;

for (const [name, [codec, encoder, ...options]] of Object.entries(KINDS)) {
  test(`${name}: ffmpeg finds each access unit at its time, and the same pictures`, () => {
    const source = encode(codec, encoder, options);
    const packets = packetsOf(source);
    assert.equal(packets.length, FRAMES);
    const file = join(folder, `${encoder}-${options.length}.mp4`);
    writeFileSync(file, mux(codec, packets));
    const found = probe(file);
    assert.deepEqual(
      found.map(({ pts }) => pts - (found[0]?.pts ?? 0)),
      packets.map(({ pts }) => pts - (packets[0]?.pts ?? 0)),
    );
    assert.deepEqual(
      found.map(({ keyframe }) => keyframe),
      packets.map(({ keyframe }) => keyframe),
    );
    assert.deepEqual(md5s(file), md5s(source));
  });
}

test("a keyframe whose parameter sets cannot be read makes no segment", () => {
  const sets = { vps: [], sps: [Uint8Array.of(0x67)], pps: [Uint8Array.of(0x68)] };
  for (const codec of ["h264", "h265"] as const)
    assert.equal(initSegment({ codec, width: 640, height: 360, sets }), null);
});

test("NAL units are found behind start codes of three and four bytes, without trailing zeros", () => {
  const data = Uint8Array.of(
    0,
    0,
    0,
    1,
    0x67,
    9,
    0,
    0,
    1,
    0x68,
    0,
    0,
    3,
    1,
    0,
    0,
    0,
    1,
    0x65,
    7,
    0,
  );
  const found = nals(data).map((nal) => [...nal]);
  assert.deepEqual(found, [
    [0x67, 9],
    [0x68, 0, 0, 3, 1],
    [0x65, 7],
  ]);
  assert.deepEqual(nals(Uint8Array.of(1, 2, 3)), []);
});

const FRAMES = 40;

/** A test picture in 40 frames with a keyframe every 20, in Annex B form. */
function encode(codec: NalCodec, encoder: string, options: readonly string[]): string {
  const file = join(folder, `${encoder}-${options.length}.nut`);
  const input = ["-f", "lavfi", "-i", "testsrc2=size=320x180:rate=25"];
  const plain = ["-frames:v", String(FRAMES), "-g", "20", "-keyint_min", "20"];
  const filter = ["-bsf:v", codec === "h265" ? "hevc_mp4toannexb" : "h264_mp4toannexb"];
  const flags = ["-flags", "-global_header", "-threads", "1"];
  ffmpeg(...input, "-c:v", encoder, ...options, ...plain, ...flags, ...filter, file);
  return file;
}

/** The access units in decoding order, as a camera would send them. */
function packetsOf(file: string): Packet[] {
  const entries = "packet=pts_time,size,flags,data";
  const text = run(
    "ffprobe",
    "-v",
    "error",
    "-of",
    "json",
    "-show_packets",
    "-show_data",
    "-show_entries",
    entries,
    file,
  );
  const { packets } = JSON.parse(text) as {
    packets: { pts_time: string; flags: string; data: string }[];
  };
  return packets.map(({ pts_time, flags, data }) => ({
    pts: Math.round(Number(pts_time) * 90_000),
    keyframe: flags.startsWith("K"),
    data: bytesOf(data),
  }));
}

/** ffprobe's dump: an offset, up to eight groups of hexadecimal digits, then the same as text. */
function bytesOf(dump: string): Uint8Array {
  const hex = dump
    .split("\n")
    .map((line) => line.slice(10, 49).replaceAll(" ", ""))
    .join("");
  return Uint8Array.from(Buffer.from(hex, "hex"));
}

function mux(codec: NalCodec, packets: readonly Packet[]): Uint8Array {
  const timeline = new Timeline();
  const parts: Uint8Array[] = [];
  let sets: ParameterSets | null = null;
  for (const [index, { pts, keyframe, data }] of packets.entries()) {
    const unit = split(codec, data);
    if (sets === null && keyframe) {
      sets = unit.sets;
      const init = initSegment({ codec, width: 320, height: 180, sets });
      assert.ok(init !== null);
      parts.push(init);
    }
    const placed = timeline.place(pts, false);
    const duration = UNIT_DURATION;
    parts.push(fragment({ number: index + 1, ...placed, duration, keyframe, nals: unit.sample }));
  }
  return concat(parts);
}

function probe(file: string): { pts: number; keyframe: boolean }[] {
  const entries = "packet=pts,flags";
  const text = run(
    "ffprobe",
    "-v",
    "error",
    "-of",
    "json",
    "-show_packets",
    "-show_entries",
    entries,
    file,
  );
  const { packets } = JSON.parse(text) as { packets: { pts: number; flags: string }[] };
  return packets.map(({ pts, flags }) => ({ pts, keyframe: flags.startsWith("K") }));
}

/** What each decoded picture is, in the order of showing. */
function md5s(file: string): string[] {
  const text = run(
    "ffmpeg",
    "-v",
    "error",
    "-i",
    file,
    "-fps_mode",
    "passthrough",
    "-f",
    "framemd5",
    "-",
  );
  return text
    .split("\n")
    .filter((line) => /^\d/.test(line))
    .map((line) => line.split(",").at(-1)?.trim() ?? "");
}

function ffmpeg(...options: string[]): void {
  run("ffmpeg", "-v", "error", "-y", ...options);
}

function run(command: string, ...options: string[]): string {
  return execFileSync(command, options, { encoding: "utf8", maxBuffer: 1 << 26 });
}
