//! One tile: picture, strip, and whatever its face has to say over the picture.

import type { Drawable } from "../decode";
import { type Face, isLive } from "../face";
import type { Rect } from "../grid";
import { drawSign } from "./sign";
import { font, shorten, wrap } from "./text";
import type { Theme } from "./theme";

export interface TileArt {
  readonly rect: Rect;
  readonly pictureHeight: number;
  readonly number: string;
  readonly name: string;
  readonly face: Face;
  readonly bitmap: Drawable | null;
  readonly focused: boolean;
  /** A word, where an alert has taken the cell or its camera has one. */
  readonly alert?: string;
  /** Device pixels in a CSS pixel: the least text sizes are given in CSS pixels. */
  readonly ratio: number;
}

/** Least text size that is read on a tile, CSS pixels. */
const TEXT_MIN = 10;

/** Draws everything of a tile. */
export function drawTile(to: CanvasRenderingContext2D, art: TileArt, theme: Theme): void {
  drawPicture(to, art, theme);
  const { face } = art;
  if (face.look === "stale") {
    drawVeil(to, pictureRect(art), theme);
    drawPlate(to, art, theme);
  } else if (face.look === "empty") {
    drawNothing(to, art, theme);
    drawPlate(to, art, theme);
  } else {
    if (face.look === "slow") drawCorner(to, art, theme);
    if (face.mark === "note") drawNote(to, art, theme);
    if (face.mark === "suspect" || face.mark === "maintenance") drawFramed(to, art, theme);
  }
  drawStrip(to, art, theme);
  if (art.alert !== undefined) drawAlert(to, art, art.alert, theme);
  if (art.focused) drawFocus(to, art, theme);
}

/** Draws the picture alone: all that a live tile needs when the next one comes. */
export function drawPicture(to: CanvasRenderingContext2D, art: TileArt, theme: Theme): void {
  const { x, y, width, height } = pictureRect(art);
  const { bitmap } = art;
  if (bitmap === null) {
    to.fillStyle = theme.empty;
    to.fillRect(x, y, width, height);
    return;
  }
  const scale = Math.min(width / bitmap.width, height / bitmap.height);
  const w = Math.round(bitmap.width * scale);
  const h = Math.round(bitmap.height * scale);
  // Rounding makes a 16:9 picture a pixel too narrow at times: then it fills its place.
  const fills = width - w <= 2 && height - h <= 2;
  if (!fills) {
    to.fillStyle = "#000000";
    to.fillRect(x, y, width, height);
  }
  if (fills) to.drawImage(bitmap.image, x, y, width, height);
  else to.drawImage(bitmap.image, x + ((width - w) >> 1), y + ((height - h) >> 1), w, h);
}

/** A live tile with nothing written over its picture. */
export function isBare(face: Face): boolean {
  return face.look === "live" && face.headline === "";
}

function pictureRect(art: TileArt): Rect {
  return { ...art.rect, height: art.pictureHeight };
}

/** Sign and word of an alert in the picture's corner, and a thick frame around the cell. */
function drawAlert(to: CanvasRenderingContext2D, art: TileArt, word: string, theme: Theme): void {
  const { x, y, width, height } = art.rect;
  const size = Math.max(TEXT_MIN * art.ratio, Math.min(width * 0.07, 34 * art.ratio));
  const pad = Math.round(size * 0.4);
  const line = Math.max(3, Math.round(size * 0.22));
  to.strokeStyle = theme.suspect;
  to.lineWidth = line;
  to.strokeRect(x + line / 2, y + line / 2, width - line, height - line);
  to.font = font(size, true);
  const text = shorten(to, word, width - 4 * pad - size);
  const plate = Math.ceil(to.measureText(text).width) + 3 * pad + Math.round(size);
  const tall = Math.round(size * 1.6);
  // In the corner where no other mark stands.
  const top = y + art.pictureHeight - tall;
  const left = x + width - plate;
  to.fillStyle = theme.suspect;
  to.fillRect(left, top, plate, tall);
  drawSign(to, "warning", left + pad + size / 2, top + tall / 2, size, theme.suspectInk);
  to.fillStyle = theme.suspectInk;
  to.textAlign = "right";
  to.textBaseline = "middle";
  to.fillText(text, left + plate - pad, top + tall / 2);
}

/** A cell that shows no camera: a quiet frame around nothing. */
export function drawEmpty(to: CanvasRenderingContext2D, rect: Rect, theme: Theme): void {
  const { x, y, width, height } = rect;
  const line = Math.max(1, Math.round(width / 200));
  to.fillStyle = theme.empty;
  to.fillRect(x, y, width, height);
  to.strokeStyle = theme.emptyMark;
  to.lineWidth = line;
  to.strokeRect(x + line / 2, y + line / 2, width - line, height - line);
}

/** Takes the colour out, dims, and hatches: three marks, two of which a colour-blind eye sees. */
function drawVeil(to: CanvasRenderingContext2D, rect: Rect, theme: Theme): void {
  const { x, y, width, height } = rect;
  to.save();
  to.beginPath();
  to.rect(x, y, width, height);
  to.clip();
  to.globalCompositeOperation = "saturation";
  to.fillStyle = "#808080";
  to.fillRect(x, y, width, height);
  to.globalCompositeOperation = "source-over";
  to.fillStyle = theme.veil;
  to.fillRect(x, y, width, height);
  const pitch = Math.max(8, Math.round(width / 12));
  to.strokeStyle = theme.hatch;
  to.lineWidth = Math.max(2, pitch / 3);
  to.beginPath();
  for (let at = -height; at < width; at += pitch) {
    to.moveTo(x + at, y + height);
    to.lineTo(x + at + height, y);
  }
  to.stroke();
  to.restore();
}

/** A place without a picture: crossed out, or framed in dashes while one is on its way. */
function drawNothing(to: CanvasRenderingContext2D, art: TileArt, theme: Theme): void {
  const { x, y, width, height } = pictureRect(art);
  const line = Math.max(1, Math.round(width / 100));
  to.save();
  to.strokeStyle = theme.emptyMark;
  to.lineWidth = line;
  to.beginPath();
  if (art.face.sign === "waiting") {
    to.setLineDash([4 * line, 3 * line]);
    to.rect(x + 2 * line, y + 2 * line, width - 4 * line, height - 4 * line);
  } else {
    to.moveTo(x, y);
    to.lineTo(x + width, y + height);
    to.moveTo(x, y + height);
    to.lineTo(x + width, y);
  }
  to.stroke();
  to.restore();
}

/** Sign, reason and last time across the middle of the picture. */
function drawPlate(to: CanvasRenderingContext2D, art: TileArt, theme: Theme): void {
  const { x, y, width, height } = pictureRect(art);
  const { face, ratio } = art;
  const stale = face.look === "stale";
  const ink = stale ? theme.plateText : theme.emptyText;
  const least = TEXT_MIN * ratio;
  // On a large tile words need not grow with it.
  const most = 28 * ratio + width * 0.045;
  const wanted = Math.max(least, Math.min(width * 0.11, height * 0.22, most));
  const lost = face.sign !== "waiting";
  // The plate leaves the hatching, or the cross, to be seen all around it.
  const frame = Math.round(width * 0.045);
  const margin = frame + Math.round(width * 0.025);
  const sign = Math.round(wanted * 1.25);
  const signWidth = sign + Math.round(width * 0.03);
  const text = wrap(to, face.headline, width - 2 * margin - signWidth, wanted, least);
  const detailSize = Math.max(least, Math.round(wanted * 0.86));
  const lineHeight = Math.round(text.size * 1.16);
  const detailHeight = face.detail === "" ? 0 : Math.round(detailSize * 1.25);
  const content = lineHeight * text.lines.length + detailHeight;
  const plateHeight = Math.min(height - frame, content + Math.round(wanted * 0.2));
  const top = y + Math.round((height - plateHeight) / 2);
  to.fillStyle = stale ? theme.plate : theme.empty;
  to.fillRect(x + frame, top, width - 2 * frame, plateHeight);
  const centre = top + plateHeight / 2;
  drawSign(to, face.sign, x + margin + sign / 2, centre, sign, lost ? theme.plateSign : ink);
  to.fillStyle = ink;
  to.textAlign = "left";
  to.textBaseline = "middle";
  const left = x + margin + signWidth;
  const room = width - 2 * margin - signWidth;
  let line = centre - content / 2 + lineHeight / 2;
  for (const words of text.lines) {
    to.fillText(words, left, line);
    line += lineHeight;
  }
  if (face.detail === "") return;
  to.font = font(detailSize, false);
  // Half a time says nothing: on a small tile the word before it goes first.
  const time = face.detail.slice(face.detail.indexOf(" ") + 1);
  const detail = to.measureText(face.detail).width <= room ? face.detail : time;
  to.fillText(shorten(to, detail, room), left, line + (detailHeight - lineHeight) / 2);
}

/** Age and interval of a camera that refreshes rarely, top right. */
function drawCorner(to: CanvasRenderingContext2D, art: TileArt, theme: Theme): void {
  const { x, y, width } = art.rect;
  const { face, ratio } = art;
  const size = Math.max(TEXT_MIN * ratio, width * 0.085);
  const pad = Math.round(size * 0.35);
  to.font = font(size, true);
  const text = [face.age, face.detail].filter((part) => part !== "").join(" · ");
  const fitting = shorten(to, text, width - 4 * pad - size);
  const plate = Math.ceil(to.measureText(fitting).width) + 3 * pad + Math.round(size);
  const tall = Math.round(size * 1.5);
  to.fillStyle = theme.plate;
  to.fillRect(x + width - plate, y, plate, tall);
  const middle = y + tall / 2;
  drawSign(to, "clock", x + width - plate + pad + size / 2, middle, size, theme.plateSign);
  to.fillStyle = theme.plateText;
  to.textAlign = "right";
  to.textBaseline = "middle";
  to.fillText(fitting, x + width - pad, middle);
}

/** Sign and words at the picture's foot: live, but something is wrong. */
function drawNote(to: CanvasRenderingContext2D, art: TileArt, theme: Theme): void {
  const { x, y, width, height } = pictureRect(art);
  const least = TEXT_MIN * art.ratio;
  const wanted = Math.max(least, width * 0.1);
  to.font = font(wanted, true);
  // All of the words rather than large ones, as far as they can still be read.
  const fits = (width - wanted * 2.2) / Math.max(1, to.measureText(art.face.headline).width);
  const size = Math.max(least, wanted * Math.min(1, fits));
  const tall = Math.round(size * 1.5);
  const top = y + height - tall;
  to.fillStyle = theme.plate;
  to.fillRect(x, top, width, tall);
  drawSign(to, art.face.sign, x + size * 0.9, top + tall / 2, size, theme.plateSign);
  to.font = font(size, true);
  to.fillStyle = theme.plateText;
  to.textAlign = "left";
  to.textBaseline = "middle";
  to.fillText(shorten(to, art.face.headline, width - size * 2.2), x + size * 1.8, top + tall / 2);
}

/**
 * A picture that a person must look at, or that is out of service: it stays to be seen, within a
 * frame (whole, or of dashes) and above a bright foot; the sign stands large in a corner of its own.
 */
function drawFramed(to: CanvasRenderingContext2D, art: TileArt, theme: Theme): void {
  const { x, y, width, height } = pictureRect(art);
  const suspect = art.face.mark === "suspect";
  const fill = suspect ? theme.suspect : theme.service;
  const ink = suspect ? theme.suspectInk : theme.serviceInk;
  const { ratio } = art;
  // On a large tile a sign need not grow with it: the picture is what people must look at.
  const line = Math.max(2, Math.round(Math.min(width * 0.028, 5 * ratio + width * 0.008)));
  to.save();
  to.strokeStyle = fill;
  to.lineWidth = line;
  if (!suspect) to.setLineDash([3 * line, 2 * line]);
  to.strokeRect(x + line / 2, y + line / 2, width - line, height - line);
  to.restore();
  const least = TEXT_MIN * ratio;
  const wanted = Math.max(least, Math.min(width * 0.11, 20 * ratio + width * 0.04));
  to.font = font(wanted, true);
  const pad = Math.round(wanted * 0.4);
  const fits = (width - 2 * pad) / Math.max(1, to.measureText(art.face.headline).width);
  const size = Math.max(least, wanted * Math.min(1, fits));
  const tall = Math.round(size * 1.4);
  const top = y + height - tall;
  to.fillStyle = fill;
  to.fillRect(x, top, width, tall);
  to.font = font(size, true);
  to.fillStyle = ink;
  to.textAlign = "left";
  to.textBaseline = "middle";
  to.fillText(shorten(to, art.face.headline, width - 2 * pad), x + pad, top + tall / 2);
  const sign = Math.round(Math.min(width * 0.2, height * 0.34, 36 * ratio + width * 0.06));
  const badge = Math.round(sign * 1.35);
  to.fillStyle = fill;
  to.fillRect(x, y, badge, badge);
  drawSign(to, art.face.sign, x + badge / 2, y + badge / 2, sign, ink);
}

/** Number, name and age below the picture, where they hide nothing of it. */
function drawStrip(to: CanvasRenderingContext2D, art: TileArt, theme: Theme): void {
  const { rect, face, pictureHeight } = art;
  const tall = rect.height - pictureHeight;
  const y = rect.y + pictureHeight;
  const stale = !isLive(face);
  to.fillStyle = stale ? theme.staleStrip : theme.strip;
  to.fillRect(rect.x, y, rect.width, tall);
  const size = Math.floor(tall * 0.76);
  const pad = Math.round(size * 0.35);
  const middle = y + tall / 2 + 0.5;
  to.textBaseline = "middle";
  let right = rect.x + rect.width - pad;
  const age = face.look === "slow" ? "" : face.age;
  if (age !== "") {
    to.font = font(size, true);
    to.fillStyle = stale ? theme.staleText : theme.stripText;
    to.textAlign = "right";
    to.fillText(age, right, middle);
    right -= Math.ceil(to.measureText(age).width) + pad;
  }
  to.textAlign = "left";
  to.font = font(size, true);
  to.fillStyle = stale ? theme.staleText : theme.number;
  let left = rect.x + pad;
  to.fillText(art.number, left, middle);
  left += Math.ceil(to.measureText(art.number).width) + pad;
  to.font = font(size, false);
  to.fillStyle = stale ? theme.staleText : theme.stripText;
  to.fillText(shorten(to, art.name, right - left), left, middle);
}

/** Which tile the keyboard is on. */
function drawFocus(to: CanvasRenderingContext2D, art: TileArt, theme: Theme): void {
  const { x, y, width, height } = art.rect;
  const line = Math.max(3, Math.round(3 * art.ratio));
  to.strokeStyle = theme.focus;
  to.lineWidth = line;
  to.strokeRect(x + line / 2, y + line / 2, width - line, height - line);
}
