//! Cameras that colleagues sent: who sent which, until each is taken or closed.

import { element, fill, hide } from "../dom";
import type { Words } from "../i18n";

/** Above the grid there is room for no more; of the oldest the picture stays where it came up. */
const MOST = 4;

interface Handed {
  readonly camera: string;
  readonly line: HTMLElement;
}

export class HandedBar {
  readonly element = element("div", { class: "handed", role: "status", hidden: true });
  private waiting: readonly Handed[] = [];

  constructor(
    private readonly words: Words,
    private readonly take: (camera: string) => void,
  ) {}

  /** Newest last, so that nothing moves under a hand. */
  add(camera: string, text: string): void {
    const { words } = this;
    const line = element("p", { class: "aside" }, element("span", {}, text));
    const handed = { camera, line };
    const button = (label: string, key: string, does: () => void): HTMLElement => {
      const made = element("button", { type: "button" }, label, " ");
      made.append(element("kbd", { "aria-hidden": "true" }, key));
      made.addEventListener("click", does);
      return made;
    };
    line.append(
      button(words.say("console.take"), "y", () => {
        this.drop([handed]);
        this.take(camera);
      }),
      button(words.say("large.close"), "Esc", () => this.drop([handed])),
    );
    const others = this.waiting.filter((one) => one.camera !== camera);
    this.waiting = [...others, handed].slice(-MOST);
    this.draw();
  }

  /** Takes the one that waits longest. Says whether there was one. */
  takeNext(): boolean {
    const [next] = this.waiting;
    if (next === undefined) return false;
    this.drop([next]);
    this.take(next.camera);
    return true;
  }

  /** Closes those of these cameras. */
  close(cameras: readonly (string | null)[]): void {
    this.drop(this.waiting.filter(({ camera }) => cameras.includes(camera)));
  }

  /** Closes the one that waits longest. Says whether there was one. */
  closeNext(): boolean {
    const [next] = this.waiting;
    if (next !== undefined) this.drop([next]);
    return next !== undefined;
  }

  private drop(gone: readonly Handed[]): void {
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
