import assert from "node:assert/strict";
import test from "node:test";
import { sizeIn } from "../src/video/present";
import { coloursOf, shrink } from "../src/video/shrink";

/** A picture of one colour, with rows longer than they need be. */
function plain(width: number, height: number, [y, u, v]: readonly [number, number, number]) {
  const stride = width + 16;
  const chroma = (stride * height) / 4;
  const data = new Uint8Array(stride * height + 2 * chroma);
  data.fill(y, 0, stride * height);
  data.fill(u, stride * height, stride * height + chroma);
  data.fill(v, stride * height + chroma);
  const planes = [
    { offset: 0, stride },
    { offset: stride * height, stride: stride / 2 },
    { offset: stride * height + chroma, stride: stride / 2 },
  ];
  return { data, planes, width, height };
}

function pixel(yuv: readonly [number, number, number], matrix: string | null, full: boolean) {
  const rgba = new Uint32Array(30 * 20);
  shrink({ ...plain(128, 80, yuv), colours: coloursOf(matrix, full) }, rgba, 30, 20);
  assert.ok(
    rgba.every((one) => one === rgba[0]),
    "all alike",
  );
  return [...new Uint8Array(rgba.buffer, 0, 4)];
}

function near(found: readonly number[], wanted: readonly number[]): void {
  for (const [i, value] of found.entries())
    assert.ok(Math.abs(value - (wanted[i] ?? -9)) <= 2, `${found} is not ${wanted}`);
}

test("black, white and grey are so in both ranges", () => {
  near(pixel([16, 128, 128], null, false), [0, 0, 0, 255]);
  near(pixel([235, 128, 128], null, false), [255, 255, 255, 255]);
  near(pixel([126, 128, 128], "bt709", false), [128, 128, 128, 255]);
  near(pixel([0, 128, 128], null, true), [0, 0, 0, 255]);
  near(pixel([255, 128, 128], null, true), [255, 255, 255, 255]);
});

test("pure red is red by either standard, and no colour overflows", () => {
  near(pixel([81, 90, 240], null, false), [255, 0, 0, 255]);
  near(pixel([63, 102, 240], "bt709", false), [255, 0, 0, 255]);
  near(pixel([255, 255, 255], null, false), [255, 125, 255, 255]);
  near(pixel([0, 0, 0], null, true), [0, 135, 0, 255]);
});

test("each part of the picture stays where it was", () => {
  const yuv = plain(64, 64, [16, 128, 128]);
  for (let row = 0; row < 32; row += 1) yuv.data.fill(235, row * 80 + 32, row * 80 + 64);
  const rgba = new Uint32Array(16 * 16);
  shrink({ ...yuv, colours: coloursOf(null, false) }, rgba, 16, 16);
  for (let at = 0; at < rgba.length; at += 1) {
    const bright = at % 16 >= 8 && at < 128;
    assert.equal((rgba[at] ?? 0) & 255, bright ? 255 : 0, `pixel ${at}`);
  }
});

test("a frame is made as large as its place, in its own shape, and only if that saves something", () => {
  const frame = { displayWidth: 640, displayHeight: 360 };
  assert.deepEqual(sizeIn(frame, { width: 150, height: 84 }), { width: 149, height: 84 });
  assert.deepEqual(sizeIn(frame, { width: 200, height: 84 }), { width: 149, height: 84 });
  assert.equal(sizeIn(frame, { width: 600, height: 340 }), null);
  assert.equal(sizeIn(frame, { width: 0, height: 0 }), null);
});
