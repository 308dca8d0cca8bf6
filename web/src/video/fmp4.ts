//! Fragmented MP4 for one video track, as MSE takes it (ISO/IEC 14496-12; "ISO BMFF Byte Stream
//! Format"): an initialisation segment, then one fragment per access unit. Only what that needs:
//! no audio, no index, no file that could be kept.

import type { NalCodec, ParameterSets } from "./annexb";
import { avcRecord, hevcRecord } from "./sampleentry";

export interface Track {
  readonly codec: NalCodec;
  readonly width: number;
  readonly height: number;
  readonly sets: ParameterSets;
}

export interface Sample {
  /** Counts the fragments, 1 and up. */
  readonly number: number;
  /** Times in units of `TIMESCALE`; decoding times never go back. */
  readonly decodeTime: number;
  readonly showTime: number;
  readonly duration: number;
  readonly keyframe: boolean;
  readonly nals: readonly Uint8Array[];
}

/** RTP's clock for video, hence no rounding. */
export const TIMESCALE = 90_000;

type Segment = Uint8Array<ArrayBuffer>;

/** `ftyp` and `moov`; `null` where the parameter sets cannot be read. */
export function initSegment(track: Track): Segment | null {
  const record = track.codec === "h265" ? hevcRecord(track.sets) : avcRecord(track.sets);
  if (record === null) return null;
  const { width, height } = track;
  const [entry, configuration] = track.codec === "h265" ? ["hvc1", "hvcC"] : ["avc1", "avcC"];
  // Reserved and index; pre-defined and reserved; size; 72 dpi; one frame to a sample; no name;
  // depth 24, no colour table.
  const visual = [zeros(6), u16(1), zeros(16), u16(width), u16(height), u32(0x48_0000)];
  visual.push(u32(0x48_0000), zeros(4), u16(1), zeros(32), u16(24), u16(0xffff));
  const description = box(entry ?? "", ...visual, box(configuration ?? "", record));
  const tables = ["stts", "stsc", "stco"].map((name) => full(name, 0, 0, zeros(4)));
  const stbl = box(
    "stbl",
    full("stsd", 0, 0, u32(1), description),
    ...tables,
    full("stsz", 0, 0, zeros(8)),
  );
  const dinf = box("dinf", full("dref", 0, 0, u32(1), full("url ", 0, 1)));
  const minf = box("minf", full("vmhd", 0, 1, zeros(8)), dinf, stbl);
  const mdhd = full("mdhd", 0, 0, zeros(8), u32(TIMESCALE), zeros(4), u16(0x55c4), zeros(2));
  const hdlr = full("hdlr", 0, 0, zeros(4), text("vide"), zeros(12), text("video\0"));
  const place = [zeros(8), zeros(8), MATRIX, u32(width * 0x1_0000), u32(height * 0x1_0000)];
  const tkhd = full("tkhd", 0, 3, zeros(8), u32(1), zeros(8), ...place);
  const trak = box("trak", tkhd, box("mdia", mdhd, hdlr, minf));
  // No length anywhere: a browser then knows that the stream is live, and holds nothing back.
  const times = [zeros(8), u32(TIMESCALE), zeros(4), u32(0x1_0000), u16(0x100), zeros(10)];
  const mvhd = full("mvhd", 0, 0, ...times, MATRIX, zeros(24), u32(2));
  const mvex = box("mvex", full("trex", 0, 0, u32(1), u32(1), zeros(12)));
  const ftyp = box("ftyp", text("iso5"), u32(0x200), text("iso5iso6mp41"));
  return concat([ftyp, box("moov", mvhd, trak, mvex)]);
}

/** `moof` and `mdat` of one access unit, its NAL units with lengths in front. */
export function fragment(sample: Sample): Segment {
  const { number, decodeTime, showTime, duration, keyframe, nals } = sample;
  const size = nals.reduce((sum, nal) => sum + 4 + nal.length, 0);
  const mfhd = full("mfhd", 0, 0, u32(number));
  // Offsets count from the start of `moof`.
  const tfhd = full("tfhd", 0, 0x02_0000, u32(1));
  const tfdt = full("tfdt", 1, 0, u32(Math.floor(decodeTime / 2 ** 32)), u32(decodeTime));
  // Depends on nothing, or on others and is no sync sample (8.8.3.1).
  const flags = keyframe ? 0x0200_0000 : 0x0101_0000;
  // Version 1 has signed offsets; present: data offset, duration, size, flags, offset of showing.
  const trun = (offset: number) =>
    full(
      "trun",
      1,
      0x0f01,
      u32(1),
      u32(offset),
      u32(duration),
      u32(size),
      u32(flags),
      u32(showTime - decodeTime),
    );
  const moof = (offset: number) => box("moof", mfhd, box("traf", tfhd, tfdt, trun(offset)));
  const header = moof(moof(0).length + 8);
  const out = new Uint8Array(header.length + 8 + size);
  out.set(header);
  out.set(u32(8 + size), header.length);
  out.set(text("mdat"), header.length + 4);
  let at = header.length + 8;
  for (const nal of nals) {
    out.set(u32(nal.length), at);
    out.set(nal, at + 4);
    at += 4 + nal.length;
  }
  return out;
}

export function concat(parts: readonly Uint8Array[]): Segment {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

function box(name: string, ...parts: Uint8Array[]): Segment {
  const size = parts.reduce((sum, part) => sum + part.length, 8);
  return concat([u32(size), text(name), ...parts]);
}

function full(name: string, version: number, flags: number, ...parts: Uint8Array[]): Segment {
  return box(name, u32(version * 0x100_0000 + flags), ...parts);
}

/** Modulo 2^32, so that signed values can be written as well. */
function u32(value: number): Uint8Array {
  const of = value >>> 0;
  return Uint8Array.of(of >>> 24, (of >>> 16) & 255, (of >>> 8) & 255, of & 255);
}

function u16(value: number): Uint8Array {
  return Uint8Array.of((value >> 8) & 255, value & 255);
}

function zeros(count: number): Uint8Array {
  return new Uint8Array(count);
}

function text(letters: string): Uint8Array {
  return Uint8Array.from(letters, (letter) => letter.charCodeAt(0));
}

/** No rotation, no scaling. */
const MATRIX = concat([0x1_0000, 0, 0, 0, 0x1_0000, 0, 0, 0, 0x4000_0000].map(u32));
