//! The 24 bytes in front of every media message; `docs/protocol.md` has the table. Not the payload.

export const HEADER_LEN = 24;
const VERSION = 1;

export type MediaKind = "tile" | "video" | "video-configuration";

export interface Header {
  readonly kind: MediaKind;
  /** The payload can be decoded without what came before. */
  readonly keyframe: boolean;
  /** Something was dropped before this message. */
  readonly discontinuity: boolean;
  /** The camera is not live; this is its last picture. */
  readonly notLive: boolean;
  readonly handle: number;
  /** Per camera and kind, +1 for each one published, wrapping at 2^32. */
  readonly sequence: number;
  /** When the frame's last byte arrived at the service: Unix milliseconds, with a fraction. */
  readonly receivedAtMs: number;
  /** Media time in 90 kHz units, wrapping. */
  readonly mediaTime: number;
}

export type Decoded =
  | { readonly ok: true; readonly header: Header; readonly payload: Uint8Array<ArrayBuffer> }
  | { readonly ok: false; readonly why: "short" | "version" | "kind" };

const KINDS: Readonly<Record<number, MediaKind>> = {
  1: "tile",
  2: "video",
  3: "video-configuration",
};

/** Splits a media message. A message that cannot be read is a value, never an exception. */
export function decode(message: ArrayBuffer): Decoded {
  if (message.byteLength < HEADER_LEN) return { ok: false, why: "short" };
  const view = new DataView(message);
  if (view.getUint8(0) !== VERSION) return { ok: false, why: "version" };
  const kind = KINDS[view.getUint8(1)];
  if (kind === undefined) return { ok: false, why: "kind" };
  const flags = view.getUint16(2);
  const header: Header = {
    kind,
    keyframe: (flags & 1) !== 0,
    discontinuity: (flags & 2) !== 0,
    notLive: (flags & 4) !== 0,
    handle: view.getUint32(4),
    sequence: view.getUint32(8),
    // Microseconds fit a double exactly until the year 2255.
    receivedAtMs: Number(view.getBigUint64(12)) / 1000,
    mediaTime: view.getUint32(20),
  };
  return { ok: true, header, payload: new Uint8Array(message, HEADER_LEN) };
}

/** Whether numbers were left out between two that came one after the other. */
export function isSkip(last: number, next: number): boolean {
  return (next - last) >>> 0 !== 1;
}

/** Whether `next` comes after `last`, for numbers that wrap at 2^32. */
export function isAfter(next: number, last: number): boolean {
  const ahead = (next - last) >>> 0;
  return ahead !== 0 && ahead < 0x8000_0000;
}
