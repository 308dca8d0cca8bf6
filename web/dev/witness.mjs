// Looks at what a wall page really paints: the burnt-in strip of each cell, by pixels, at each frame
// of the browser. The page is not asked, and does not know.
import { build } from "esbuild";

/** A script to add to a page before it loads; afterwards `window.witness` answers. */
export async function witnessScript() {
  const { outputFiles } = await build({
    stdin: { contents: SOURCE, resolveDir: new URL("../test/", import.meta.url).pathname },
    bundle: true,
    write: false,
    format: "iife",
  });
  return outputFiles[0].text;
}

/** `seen` has an entry whenever a cell shows another frame: cell (-1: large), strip, Unix ms. */
const SOURCE = `
import { readStrip } from "./strip.mjs";

const scratch = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
const last = new Map();
const forget = () => last.clear();
const witness = { seen: [], frames: 0, cells: [], large: false, every: 1, clickedAt: 0, forget };
window.witness = witness;

function row(element, x, y, width) {
  const wide = Math.ceil(width);
  if (scratch.canvas.width < wide) scratch.canvas.width = wide;
  scratch.drawImage(element, x, y, wide, 1, 0, 0, wide, 1);
  return scratch.getImageData(0, 0, wide, 1).data;
}

function note(key, stripMs, at) {
  if (stripMs === null || last.get(key) === stripMs) return;
  last.set(key, stripMs);
  witness.seen.push([key, stripMs, at]);
}

function lineOf(height) {
  return Math.floor(height - (height / 30) * 1.5);
}

function lookAtCells(at) {
  const canvas = document.getElementById("wall");
  const grid = JSON.parse(canvas.dataset.grid ?? "null");
  if (grid === null) return;
  const rows = new Map();
  for (const cell of witness.cells) {
    const line = Math.floor(cell / grid.columns);
    if (!rows.has(line)) {
      const top = grid.top + line * (grid.pictureHeight + grid.stripHeight + grid.gap);
      rows.set(line, row(canvas, 0, top + lineOf(grid.pictureHeight), canvas.width));
    }
    const pixels = rows.get(line);
    const left = grid.left + (cell % grid.columns) * (grid.tileWidth + grid.gap);
    const luma = (x) => pixels[(left + x) * 4 + 1];
    note(cell, readStrip(luma, grid.tileWidth, grid.pictureHeight), at);
  }
}

function lookAtLarge(at) {
  const box = document.getElementById("large");
  const seen = [...box.querySelectorAll("canvas, img, video")].filter((one) => one.checkVisibility());
  for (const one of seen.reverse()) {
    const width = one.videoWidth ?? one.naturalWidth ?? one.width;
    const height = one.videoHeight ?? one.naturalHeight ?? one.height;
    if (!(width > 0)) continue;
    const pixels = row(one, 0, lineOf(height), width);
    const stripMs = readStrip((x) => pixels[x * 4 + 1], width, height);
    if (stripMs === null) continue;
    note(-1, stripMs, at);
    return;
  }
}

function look() {
  requestAnimationFrame(look);
  witness.frames += 1;
  if (witness.frames % witness.every !== 0) return;
  const at = performance.timeOrigin + performance.now();
  if (witness.cells.length > 0) lookAtCells(at);
  if (witness.large) lookAtLarge(at);
}
requestAnimationFrame(look);
`;
