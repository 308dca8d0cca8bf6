// Draws `src/icon.svg` as PNG, for phones that take no SVG on their home screen. Its shapes are few:
// they stand here again, in the same 16 x 16 units.
import { deflateSync } from "node:zlib";

const SHAPES = [
  [0x8fd0ff, [2, 3], [7, 3], [7, 7], [2, 7]],
  [0x8fd0ff, [9, 3], [14, 3], [14, 7], [9, 7]],
  [0x8fd0ff, [2, 9], [7, 9], [7, 13], [2, 13]],
  [0xffb84d, [11.5, 8.8], [14.2, 13], [8.8, 13]],
];
const GROUND = 0x11161d;
/** Samples each way within a pixel. */
const FINE = 4;
/** Phones cut icons to circles: the shapes stay within the middle four fifths. */
const ZOOM = 0.8;

/** The icon as a PNG of `size` x `size` pixels. */
export function iconPng(size) {
  const rows = Buffer.alloc(size * (1 + 3 * size));
  for (let y = 0; y < size; y += 1) {
    for (let x = 0; x < size; x += 1) {
      const sum = [0, 0, 0];
      for (let n = 0; n < FINE * FINE; n += 1) {
        const u = (x + ((n % FINE) + 0.5) / FINE) / size;
        const v = (y + (Math.floor(n / FINE) + 0.5) / FINE) / size;
        const colour = colourAt(8 + ((u - 0.5) * 16) / ZOOM, 8 + ((v - 0.5) * 16) / ZOOM);
        for (const part of [0, 1, 2]) sum[part] += (colour >> (16 - 8 * part)) & 255;
      }
      const at = y * (1 + 3 * size) + 1 + 3 * x;
      for (const part of [0, 1, 2]) rows[at + part] = Math.round(sum[part] / FINE ** 2);
    }
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(size, 0);
  header.writeUInt32BE(size, 4);
  // Eight bits of red, green and blue.
  header.set([8, 2, 0, 0, 0], 8);
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  const parts = [chunk("IHDR", header), chunk("IDAT", deflateSync(rows)), chunk("IEND", "")];
  return Buffer.concat([signature, ...parts]);
}

function colourAt(x, y) {
  const inside = SHAPES.find(([, ...corners]) =>
    corners.every(([ax, ay], at) => {
      const [bx, by] = corners[(at + 1) % corners.length];
      return (bx - ax) * (y - ay) - (by - ay) * (x - ax) >= 0;
    }),
  );
  return inside?.[0] ?? GROUND;
}

function chunk(type, data) {
  const body = Buffer.concat([Buffer.from(type), Buffer.from(data)]);
  const whole = Buffer.alloc(body.length + 8);
  whole.writeUInt32BE(body.length - 4, 0);
  body.copy(whole, 4);
  whole.writeUInt32BE(crc(body), body.length + 4);
  return whole;
}

/** CRC-32 as PNG has it. */
function crc(bytes) {
  let rest = 0xffffffff;
  for (const byte of bytes) {
    rest ^= byte;
    for (let bit = 0; bit < 8; bit += 1) rest = (rest >>> 1) ^ (rest & 1 ? 0xedb88320 : 0);
  }
  return (rest ^ 0xffffffff) >>> 0;
}
