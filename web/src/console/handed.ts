//! Cameras that colleagues sent: who sent which, until each is taken or closed.

import { element, fill, hide } from "../dom";
import type { Words } from "../i18n";

/** Above the grid there is room for no more; of the oldest the picture stays where it came up. */
const MOST = 4;

interface Handed {
  readonly camera: string;
  /** Under these names it was sent, once or more often. */
  readonly hands: readonly number[];
  readonly line: HTMLElement;
}

export class HandedBar {
  readonly element = element("div", { class: "handed", role: "status", hidden: true });
  private waiting: readonly Handed[] = [];

  constructor(
    private readonly words: Words,
    private readonly take: (camera: string) => void,
    /** Whoever sent it is told what was done with it. */
    private readonly answer: (hand: number, outcome: "taken" | "put-aside") => void,
  ) {}

  /** Newest last, so that nothing moves under a hand. */
  add(camera: string, text: string, hand: number): void {
    const { words } = this;
    const line = element("p", { class: "aside" }, element("span", {}, text));
    const before = this.waiting.find((one) => one.camera === camera)?.hands ?? [];
    const handed = { camera, line, hands: [...before, hand] };
    const button = (label: string, key: string, does: () => void): HTMLElement => {
      const made = element("button", { type: "button" }, label, " ");
      made.append(element("kbd", { "aria-hidden": "true" }, key));
      made.addEventListener("click", does);
      return made;
    };
    line.append(
      button(words.say("console.take"), "y", () => {
        this.drop([handed], "taken");
        this.take(camera);
      }),
      button(words.say("large.close"), "Esc", () => this.drop([handed], "put-aside")),
    );
    const others = this.waiting.filter((one) => one.camera !== camera);
    this.waiting = [...others, handed].slice(-MOST);
    this.draw();
  }

  /** Takes the one that waits longest. Says whether there was one. */
  takeNext(): boolean {
    const [next] = this.waiting;
    if (next === undefined) return false;
    this.drop([next], "taken");
    this.take(next.camera);
    return true;
  }

  /** Closes those of these cameras. */
  close(cameras: readonly (string | null)[]): void {
    const closed = this.waiting.filter(({ camera }) => cameras.includes(camera));
    this.drop(closed, "put-aside");
  }

  /** Closes the one that waits longest. Says whether there was one. */
  closeNext(): boolean {
    const [next] = this.waiting;
    if (next !== undefined) this.drop([next], "put-aside");
    return next !== undefined;
  }

  private drop(gone: readonly Handed[], outcome: "taken" | "put-aside"): void {
    for (const { hands } of gone) for (const hand of hands) this.answer(hand, outcome);
    this.waiting = this.waiting.filter((one) => !gone.includes(one));
    this.draw();
  }

  private draw(): void {
    hide(this.element, this.waiting.length === 0);
    fill(
      this.element,
      this.waiting.map(({ line }) => line),
    );
  }
}
