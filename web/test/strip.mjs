// The simulator's burnt-in time strip, read from pixels: a port of `sim::scene::read_strip`. Also
// drawn, for footage of the tests' own.

/** Two blocks to find black and white by, sixteen of time, eight to tell a misread. */
const BLOCKS = 26;

/** Whether each block is bright, for a time of up to 65,535 ms. */
export function pattern(atMs) {
  const high = (atMs >> 8) & 255;
  const low = atMs & 255;
  const check = (((high << 3) | (high >> 5)) & 255) ^ low ^ 0x5a;
  const bits = [1, 0];
  for (let bit = 15; bit >= 0; bit -= 1) bits.push((atMs >> bit) & 1);
  for (let bit = 7; bit >= 0; bit -= 1) bits.push((check >> bit) & 1);
  return bits.map((bit) => bit === 1);
}

/**
 * Reads the time from a picture of any size that fills `height` lines; `at(x, y)` is its luma.
 * `null` where no strip can be read.
 */
export function readStrip(at, width, height) {
  const side = height / 30;
  if (side * (BLOCKS + 1) > width || side < 2) return null;
  const row = Math.floor(height - side * 1.5);
  const level = (block) => at(Math.floor(side * (1.5 + block)), row);
  const [bright, dark] = [level(0), level(1)];
  if (bright < dark + 60) return null;
  const middle = dark / 2 + bright / 2;
  let atMs = 0;
  for (let block = 2; block < 18; block += 1) {
    atMs = (atMs << 1) | (level(block) > middle ? 1 : 0);
  }
  const fits = pattern(atMs).every((expected, block) => level(block) > middle === expected);
  return fits ? atMs : null;
}

/** Draws the strip into a luma plane. */
export function drawStrip(luma, width, height, atMs) {
  const side = height / 30;
  const top = Math.round(height - side * 2);
  for (const [block, bright] of pattern(atMs).entries()) {
    const left = Math.round(side * (1 + block));
    for (let y = top; y < Math.round(top + side); y += 1)
      luma.fill(bright ? 235 : 20, y * width + left, y * width + Math.round(left + side));
  }
}

/** How long ago, in ms, the strip's frame was due at a camera, by `GET /stats` of the simulator. */
export function ageMs(atMs, unixMs, { loop_offset_ms, loop_ms }) {
  const age = (unixMs + loop_offset_ms - atMs) % loop_ms;
  // A clock's last digit may put it a little ahead; nothing is as old as a whole loop.
  return age > loop_ms - 1000 ? age - loop_ms : age;
}
