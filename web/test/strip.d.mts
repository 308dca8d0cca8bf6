export function pattern(atMs: number): boolean[];
export function readStrip(
  at: (x: number, y: number) => number,
  width: number,
  height: number,
): number | null;
export function drawStrip(luma: Uint8Array, width: number, height: number, atMs: number): void;
export function ageMs(
  atMs: number,
  unixMs: number,
  camera: { readonly loop_offset_ms: number; readonly loop_ms: number },
): number;
