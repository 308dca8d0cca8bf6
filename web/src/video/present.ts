//! Makes of a decoded frame what is sent to the page: the frame itself, or, for a small place, a
//! picture of just that size. Runs in a worker.

import type { Place } from "./player";
import { coloursOf, shrink } from "./shrink";

/** Not much smaller than the frame: then scaling is left to whoever draws it. */
const WORTH_IT = 0.75;

/** Buffers of frames that are being read, to be used again. */
const spare: ArrayBuffer[] = [];
const SPARE_MAX = 4;
let canvas: OffscreenCanvas | null = null;
let pixels: ImageData | null = null;

/** Takes the frame; what it answers belongs to the caller. */
export async function present(
  frame: VideoFrame,
  place: Place | null,
): Promise<VideoFrame | ImageBitmap> {
  const size = place === null ? null : sizeIn(frame, place);
  // Software decoders give I420. Other frames may be in a graphics card, which draws them faster
  // than they can be fetched from it.
  if (size === null || frame.format !== "I420") return frame;
  const rect = frame.visibleRect;
  if (rect === null) return frame;
  const wanted = frame.allocationSize();
  const buffer = take(wanted);
  try {
    const planes = await frame.copyTo(buffer);
    const { matrix, fullRange } = frame.colorSpace;
    const { width, height } = rect;
    const colours = coloursOf(matrix, fullRange === true);
    const bitmap = draw(size, (rgba) => {
      const data = new Uint8Array(buffer, 0, wanted);
      shrink({ data, planes, width, height, colours }, rgba, size.width, size.height);
    });
    if (bitmap === null) return frame;
    frame.close();
    return bitmap;
  } catch {
    return frame;
  } finally {
    if (spare.length < SPARE_MAX) spare.push(buffer);
  }
}

/** How large the frame is in a place; `null` when it need not be made smaller. */
export function sizeIn(
  { displayWidth, displayHeight }: Pick<VideoFrame, "displayWidth" | "displayHeight">,
  place: Place,
): Place | null {
  const scale = Math.min(place.width / displayWidth, place.height / displayHeight);
  if (!(scale > 0) || scale > WORTH_IT) return null;
  return {
    width: Math.max(1, Math.round(displayWidth * scale)),
    height: Math.max(1, Math.round(displayHeight * scale)),
  };
}

function take(bytes: number): ArrayBuffer {
  const at = spare.findIndex(({ byteLength }) => byteLength >= bytes);
  return spare.splice(at, at < 0 ? 0 : 1)[0] ?? new ArrayBuffer(bytes);
}

function draw({ width, height }: Place, fill: (rgba: Uint32Array) => void): ImageBitmap | null {
  canvas ??= new OffscreenCanvas(width, height);
  if (canvas.width !== width || canvas.height !== height) {
    canvas.width = width;
    canvas.height = height;
  }
  if (pixels?.width !== width || pixels.height !== height) pixels = new ImageData(width, height);
  fill(new Uint32Array(pixels.data.buffer));
  const to = canvas.getContext("2d", { alpha: false, willReadFrequently: true });
  to?.putImageData(pixels, 0, 0);
  return to === null ? null : canvas.transferToImageBitmap();
}
