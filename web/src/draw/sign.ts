//! Signs drawn as shapes, so that no font has to have them.

import type { Sign } from "../sign";

/** Draws a sign centred on a point. */
export function drawSign(
  to: CanvasRenderingContext2D,
  sign: Sign,
  x: number,
  y: number,
  size: number,
  colour: string,
): void {
  const r = size / 2;
  to.save();
  to.translate(x, y);
  to.strokeStyle = colour;
  to.fillStyle = colour;
  to.lineWidth = Math.max(1.5, size / 8);
  to.lineJoin = "round";
  to.lineCap = "round";
  to.beginPath();
  switch (sign) {
    case "none":
      break;
    case "warning": // A filled triangle with a bar and a dot cut out.
      to.moveTo(0, -r);
      to.lineTo(r, r * 0.85);
      to.lineTo(-r, r * 0.85);
      to.closePath();
      to.fill();
      to.fillStyle = to.strokeStyle = inkOn(colour);
      to.beginPath();
      to.moveTo(0, -r * 0.3);
      to.lineTo(0, r * 0.2);
      to.stroke();
      to.beginPath();
      to.arc(0, r * 0.58, to.lineWidth * 0.62, 0, 2 * Math.PI);
      to.fill();
      break;
    case "stopped": // A circle with a cross.
      to.arc(0, 0, r * 0.88, 0, 2 * Math.PI);
      to.stroke();
      cross(to, 0, 0, r * 0.4);
      break;
    case "waiting": // Three dots.
      for (const dot of [-0.68, 0, 0.68]) {
        to.moveTo(r * (dot + 0.24), 0);
        to.arc(r * dot, 0, r * 0.24, 0, 2 * Math.PI);
      }
      to.fill();
      break;
    case "lock": // A padlock.
      to.arc(0, -r * 0.2, r * 0.45, Math.PI, 0);
      to.stroke();
      to.fillRect(-r * 0.75, -r * 0.15, r * 1.5, r * 1.05);
      break;
    case "still": // Two bars, as on a player that pauses.
      to.fillRect(-r * 0.65, -r * 0.7, r * 0.45, r * 1.4);
      to.fillRect(r * 0.2, -r * 0.7, r * 0.45, r * 1.4);
      break;
    case "site": // A house with a cross cut out: what stands for many is down.
      to.moveTo(0, -r);
      to.lineTo(r, -r * 0.15);
      to.lineTo(r * 0.75, -r * 0.15);
      to.lineTo(r * 0.75, r * 0.95);
      to.lineTo(-r * 0.75, r * 0.95);
      to.lineTo(-r * 0.75, -r * 0.15);
      to.lineTo(-r, -r * 0.15);
      to.closePath();
      to.fill();
      to.strokeStyle = inkOn(colour);
      cross(to, 0, r * 0.32, r * 0.34);
      break;
    case "maintenance": // A spanner.
      to.rotate(Math.PI / 4);
      to.lineWidth = r * 0.46;
      to.lineCap = "butt";
      to.moveTo(0, -r * 0.3);
      to.lineTo(0, r);
      to.stroke();
      to.beginPath();
      to.lineWidth = r * 0.36;
      to.arc(0, -r * 0.55, r * 0.42, -0.2 * Math.PI, 1.2 * Math.PI);
      to.stroke();
      break;
    case "frozen": // A snow crystal.
      for (let arm = 0; arm < 6; arm += 1) {
        to.moveTo(0, 0);
        to.lineTo(0, -r);
        to.moveTo(-r * 0.28, -r * 0.86);
        to.lineTo(0, -r * 0.56);
        to.lineTo(r * 0.28, -r * 0.86);
        to.rotate(Math.PI / 3);
      }
      to.stroke();
      break;
    case "looped": // An arrow that bites its tail.
      to.arc(0, 0, r * 0.72, -0.35 * Math.PI, 1.25 * Math.PI);
      to.stroke();
      to.beginPath();
      to.moveTo(-r * 0.05, -r * 0.95);
      to.lineTo(-r * 0.95, -r * 0.75);
      to.lineTo(-r * 0.35, -r * 0.1);
      to.closePath();
      to.fill();
      break;
    case "black": // A moon.
      to.arc(0, 0, r * 0.9, 0.3 * Math.PI, 1.5 * Math.PI);
      to.bezierCurveTo(-r * 0.55, -r * 0.35, -r * 0.25, r * 0.6, r * 0.53, r * 0.73);
      to.closePath();
      to.fill();
      break;
    case "overexposed": // A sun.
      to.arc(0, 0, r * 0.42, 0, 2 * Math.PI);
      to.fill();
      to.beginPath();
      for (let ray = 0; ray < 8; ray += 1) {
        to.moveTo(0, -r * 0.64);
        to.lineTo(0, -r * 0.95);
        to.rotate(Math.PI / 4);
      }
      to.stroke();
      break;
    case "defocused": // Corners of a viewfinder, and waves where a sharp edge should be.
      for (let corner = 0; corner < 4; corner += 1) {
        to.moveTo(-r * 0.9, -r * 0.45);
        to.lineTo(-r * 0.9, -r * 0.9);
        to.lineTo(-r * 0.45, -r * 0.9);
        to.rotate(Math.PI / 2);
      }
      for (const y of [-0.25, 0.25]) {
        to.moveTo(-r * 0.55, r * y);
        to.quadraticCurveTo(-r * 0.28, r * (y - 0.34), 0, r * y);
        to.quadraticCurveTo(r * 0.28, r * (y + 0.34), r * 0.55, r * y);
      }
      to.stroke();
      break;
    case "covered": // A lens of which most is hidden.
      to.arc(0, 0, r * 0.85, 0, 2 * Math.PI);
      to.stroke();
      to.beginPath();
      to.arc(0, 0, r * 0.85, 0.15 * Math.PI, 1.35 * Math.PI);
      to.closePath();
      to.fill();
      break;
    case "moved": // A frame, and an arrow that leaves it.
      to.moveTo(r * 0.05, -r * 0.6);
      to.lineTo(-r * 0.9, -r * 0.6);
      to.lineTo(-r * 0.9, r * 0.9);
      to.lineTo(r * 0.6, r * 0.9);
      to.lineTo(r * 0.6, -r * 0.05);
      to.moveTo(-r * 0.3, r * 0.3);
      to.lineTo(r * 0.55, -r * 0.55);
      to.stroke();
      to.beginPath();
      to.moveTo(r, -r);
      to.lineTo(r * 0.9, -r * 0.2);
      to.lineTo(r * 0.2, -r * 0.9);
      to.closePath();
      to.fill();
      break;
    case "loss": // A line with gaps, as of packets of which some are missing.
      for (const [left, y] of GAPS) to.fillRect(r * left, r * y, r * 0.5, r * 0.42);
      break;
    case "unstable": // Up and down.
      to.moveTo(-r * 0.95, r * 0.3);
      to.lineTo(-r * 0.5, -r * 0.7);
      to.lineTo(-r * 0.05, r * 0.7);
      to.lineTo(r * 0.4, -r * 0.7);
      to.lineTo(r * 0.95, r * 0.3);
      to.stroke();
      break;
    case "changed": // Two arrows past each other.
      for (let way = 0; way < 2; way += 1) {
        to.moveTo(-r * 0.9, -r * 0.4);
        to.lineTo(r * 0.8, -r * 0.4);
        to.moveTo(r * 0.4, -r * 0.85);
        to.lineTo(r * 0.85, -r * 0.4);
        to.rotate(Math.PI);
      }
      to.stroke();
      break;
    case "sparse": // Frames far apart.
      for (const left of [-0.95, 0.5]) to.strokeRect(r * left, -r * 0.6, r * 0.45, r * 1.2);
      to.setLineDash([r * 0.14, r * 0.2]);
      to.moveTo(-r * 0.32, 0);
      to.lineTo(r * 0.36, 0);
      to.stroke();
      break;
    case "good": // A tick.
      to.lineWidth = Math.max(2, size / 6);
      to.moveTo(-r * 0.75, r * 0.05);
      to.lineTo(-r * 0.2, r * 0.6);
      to.lineTo(r * 0.75, -r * 0.6);
      to.stroke();
      break;
    case "clock": // A circle with two hands.
      to.arc(0, 0, r * 0.85, 0, 2 * Math.PI);
      to.moveTo(0, -r * 0.45);
      to.lineTo(0, 0);
      to.lineTo(r * 0.35, r * 0.2);
      to.stroke();
      break;
  }
  to.restore();
}

/** Left and top of the parts of `loss`. */
const GAPS: readonly (readonly [number, number])[] = [
  [-1, -0.75],
  [-0.25, -0.75],
  [0.5, -0.75],
  [-1, -0.2],
  [0.5, -0.2],
  [-0.25, 0.35],
  [0.5, 0.35],
];

function cross(to: CanvasRenderingContext2D, x: number, y: number, arm: number): void {
  to.beginPath();
  to.moveTo(x - arm, y - arm);
  to.lineTo(x + arm, y + arm);
  to.moveTo(x + arm, y - arm);
  to.lineTo(x - arm, y + arm);
  to.stroke();
}

/** Black on a light sign, white on a dark one. */
function inkOn(colour: string): string {
  const green = Number.parseInt(colour.slice(3, 5), 16);
  return green > 0x80 ? "#000000" : "#ffffff";
}
