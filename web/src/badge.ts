//! A sign in running text: the same shape as on the wall, as large as the letters beside it.

import { drawSign } from "./draw/sign";
import type { Sign } from "./sign";

/** Drawn at this size and scaled by the style sheet, so that it is sharp at every text size. */
const SIZE = 96;

/** An element that shows one sign at a time. It says nothing to a screen reader: words do. */
export class Badge {
  readonly element = document.createElement("canvas");
  private shown = "";

  constructor() {
    this.element.className = "sign";
    this.element.width = SIZE;
    this.element.height = SIZE;
    this.element.setAttribute("aria-hidden", "true");
  }

  show(sign: Sign, colour: string): void {
    const key = `${sign} ${colour}`;
    if (this.shown === key) return;
    this.shown = key;
    this.element.dataset.sign = sign;
    const to = this.element.getContext("2d");
    if (to === null) return;
    to.clearRect(0, 0, SIZE, SIZE);
    drawSign(to, sign, SIZE / 2, SIZE / 2, SIZE * 0.9, colour);
  }
}

/** A sign that stays. */
export function badge(sign: Sign, colour: string): HTMLCanvasElement {
  const one = new Badge();
  one.show(sign, colour);
  return one.element;
}
