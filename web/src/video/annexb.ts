//! Access units in Annex B form (ITU-T H.264 and H.265, annex B): where their NAL units are and
//! which of them are parameter sets. No decoding.

export type NalCodec = "h264" | "h265";

/** The parameter sets of a stream, without start codes; `vps` only in H.265. */
export interface ParameterSets {
  readonly vps: readonly Uint8Array[];
  readonly sps: readonly Uint8Array[];
  readonly pps: readonly Uint8Array[];
}

export interface Unit {
  readonly sets: ParameterSets;
  /** NAL units that belong in a sample: no parameter sets, no delimiters, nothing empty. */
  readonly sample: readonly Uint8Array[];
}

type Role = "vps" | "sps" | "pps" | "sample" | "nothing";

/** Splits an access unit; the parts are views of it. */
export function split(codec: NalCodec, data: Uint8Array): Unit {
  const parts: Record<Role, Uint8Array[]> = { vps: [], sps: [], pps: [], sample: [], nothing: [] };
  for (const nal of nals(data)) parts[codec === "h265" ? roleH265(nal) : roleH264(nal)].push(nal);
  return { sets: { vps: parts.vps, sps: parts.sps, pps: parts.pps }, sample: parts.sample };
}

/** Whether two streams have the same parameter sets, byte by byte. */
export function sameSets(one: ParameterSets, other: ParameterSets): boolean {
  return (
    sameList(one.vps, other.vps) && sameList(one.sps, other.sps) && sameList(one.pps, other.pps)
  );
}

/** Copies, so that a long-lived set does not hold on to the message that it came in. */
export function keep(sets: ParameterSets): ParameterSets {
  const copy = (list: readonly Uint8Array[]) => list.map((nal) => nal.slice());
  return { vps: copy(sets.vps), sps: copy(sets.sps), pps: copy(sets.pps) };
}

/** The NAL units between start codes, without the zero bytes that may trail them. */
export function nals(data: Uint8Array): Uint8Array[] {
  const found: Uint8Array[] = [];
  let start = -1;
  let at = 0;
  const end = data.length;
  while (at + 2 < end) {
    const third = data[at + 2] ?? 0;
    // Most bytes are above 1, and none of them can be the end of 00 00 01: three at a step.
    if (third > 1) at += 3;
    else if (third === 1 && data[at] === 0 && data[at + 1] === 0) {
      if (start >= 0) push(found, data, start, at);
      start = at + 3;
      at = start;
    } else at += 1;
  }
  if (start >= 0) push(found, data, start, end);
  return found;
}

function push(found: Uint8Array[], data: Uint8Array, start: number, until: number): void {
  let end = until;
  while (end > start && data[end - 1] === 0) end -= 1;
  if (end > start) found.push(data.subarray(start, end));
}

/** H.264, table 7-1. Delimiters and ends of stream have no place in ISO/IEC 14496-15 samples. */
function roleH264(nal: Uint8Array): Role {
  switch ((nal[0] ?? 0) & 0x1f) {
    case 7:
      return "sps";
    case 8:
      return "pps";
    case 9:
    case 10:
    case 11:
    case 12:
      return "nothing";
    default:
      return "sample";
  }
}

/** H.265, table 7-1. */
function roleH265(nal: Uint8Array): Role {
  switch (((nal[0] ?? 0) >> 1) & 0x3f) {
    case 32:
      return "vps";
    case 33:
      return "sps";
    case 34:
      return "pps";
    case 35:
    case 36:
    case 37:
    case 38:
      return "nothing";
    default:
      return "sample";
  }
}

function sameList(one: readonly Uint8Array[], other: readonly Uint8Array[]): boolean {
  return one.length === other.length && one.every((nal, index) => sameBytes(nal, other[index]));
}

function sameBytes(one: Uint8Array, other: Uint8Array | undefined): boolean {
  return one.length === other?.length && one.every((byte, index) => byte === other[index]);
}
