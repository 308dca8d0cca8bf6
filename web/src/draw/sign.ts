//! Signs drawn as shapes, so that no font has to have them.

import type { Sign } from "../face";

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
      to.moveTo(-r * 0.4, -r * 0.4);
      to.lineTo(r * 0.4, r * 0.4);
      to.moveTo(r * 0.4, -r * 0.4);
      to.lineTo(-r * 0.4, r * 0.4);
      to.stroke();
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

/** Black on a light sign, white on a dark one. */
function inkOn(colour: string): string {
  const green = Number.parseInt(colour.slice(3, 5), 16);
  return green > 0x80 ? "#000000" : "#ffffff";
}
