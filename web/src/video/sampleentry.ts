//! What a decoder must know before the first picture: `avcC` and `hvcC` (ISO/IEC 14496-15, 5.3.3
//! and 8.3.3), made from the parameter sets that came in band.

import type { ParameterSets } from "./annexb";

/** An `avcC` record, or `null` where the sets cannot be read. */
export function avcRecord({ sps, pps }: ParameterSets): Uint8Array | null {
  const [first] = sps;
  if (first === undefined || first.length < 4 || pps.length === 0) return null;
  const [, profile = 0, compatible = 0, level = 0] = first;
  const record: number[] = [1, profile, compatible, level];
  // Lengths of four bytes; the six and three bits above are reserved, all ones.
  record.push(0xfc | 3, 0xe0 | sps.length);
  for (const nal of sps) record.push(nal.length >> 8, nal.length & 255, ...nal);
  record.push(pps.length);
  for (const nal of pps) record.push(nal.length >> 8, nal.length & 255, ...nal);
  if (HIGH_PROFILES.has(profile)) {
    const bits = new Bits(first, 4);
    bits.unsigned();
    const chroma = bits.unsigned();
    if (chroma === 3) bits.read(1);
    const luma = bits.unsigned();
    record.push(0xfc | chroma, 0xf8 | luma, 0xf8 | bits.unsigned(), 0);
  }
  return Uint8Array.from(record);
}

/** An `hvcC` record, or `null` where the sets cannot be read. */
export function hevcRecord({ vps, sps, pps }: ParameterSets): Uint8Array | null {
  const [first] = sps;
  if (first === undefined || first.length < 16 || vps.length === 0 || pps.length === 0) return null;
  const bits = new Bits(first, 2);
  bits.read(4);
  const layers = bits.read(3);
  const nested = bits.read(1);
  const general = Array.from({ length: 12 }, () => bits.read(8));
  skipSubLayers(bits, layers);
  bits.unsigned();
  const chroma = bits.unsigned();
  if (chroma === 3) bits.read(1);
  bits.unsigned();
  bits.unsigned();
  if (bits.read(1) === 1) for (let edge = 0; edge < 4; edge += 1) bits.unsigned();
  const luma = bits.unsigned();
  const depths = [0xf8 | luma, 0xf8 | bits.unsigned()];
  // No spatial segmentation, parallelism or frame rate is claimed: all of these may be unknown.
  const record = [1, ...general, 0xf0, 0, 0xfc, 0xfc | chroma, ...depths, 0, 0];
  record.push(((layers + 1) << 3) | (nested << 2) | 3);
  const arrays = [vps, sps, pps].map((list, index) => ({ list, type: 32 + index }));
  record.push(arrays.length);
  for (const { list, type } of arrays) {
    record.push(0x80 | type, list.length >> 8, list.length & 255);
    for (const nal of list) record.push(nal.length >> 8, nal.length & 255, ...nal);
  }
  return Uint8Array.from(record);
}

/** Profiles whose SPS tells chroma format and bit depths (H.264, 7.3.2.1.1), as `avcC` must then. */
const HIGH_PROFILES: ReadonlySet<number> = new Set([100, 110, 122, 144, 244]);

/** H.265, 7.3.3: profile and level of each temporal layer below the highest. */
function skipSubLayers(bits: Bits, layers: number): void {
  if (layers === 0) return;
  const present = Array.from({ length: 8 }, () => [bits.read(1), bits.read(1)] as const);
  for (const [profile, level] of present.slice(0, layers)) {
    if (profile === 1) for (let byte = 0; byte < 11; byte += 1) bits.read(8);
    if (level === 1) bits.read(8);
  }
}

/** Reads bits of a NAL unit, leaving out the bytes that prevent false start codes (00 00 03). */
class Bits {
  private readonly bytes: number[] = [];
  private at = 0;

  constructor(nal: Uint8Array, from: number) {
    let zeros = 0;
    for (const byte of nal.subarray(from)) {
      if (zeros >= 2 && byte === 3) {
        zeros = 0;
        continue;
      }
      zeros = byte === 0 ? zeros + 1 : 0;
      this.bytes.push(byte);
    }
  }

  read(count: number): number {
    let value = 0;
    for (let bit = 0; bit < count; bit += 1) {
      const byte = this.bytes[this.at >> 3] ?? 0;
      value = (value << 1) | ((byte >> (7 - (this.at & 7))) & 1);
      this.at += 1;
    }
    return value;
  }

  /** ue(v): Exp-Golomb (H.264, 9.1). Past the end all bits are zero, hence the bound. */
  unsigned(): number {
    let zeros = 0;
    while (zeros < 31 && this.read(1) === 0) zeros += 1;
    return zeros === 31 ? 0 : (1 << zeros) - 1 + this.read(zeros);
  }
}
