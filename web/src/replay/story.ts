//! The changes as a list of sentences, around the one that holds.

import { element, fill } from "../dom";
import type { Words } from "../i18n";
import { write } from "../page";
import type { Changes } from "./past";
import type { Reel } from "./reel";
import { type Called, sentence } from "./said";

/** Lines before and behind it: a busy day has thousands. */
const AROUND = 40;

export class Story {
  readonly element = element("section", { class: "story" });
  private readonly count = element("p", { class: "none" });
  private readonly list = element("ol", { class: "changes" });
  private drawn = "";

  constructor(
    private readonly words: Words,
    private readonly go: (atMs: number) => void,
  ) {
    this.element.append(element("h2", {}, words.say("replay.changes")), this.count, this.list);
  }

  /** Says how many there are. */
  tell({ changes, more }: Changes, { fromMs, toMs }: Reel): void {
    const { words } = this;
    const [from, to] = [words.dayAndTime(fromMs), words.dayAndTime(toMs)];
    const count = words.say("replay.count", { n: changes.length, from, to });
    const text = more ? `${count}. ${words.say("replay.more")}` : count;
    write(this.count, changes.length === 0 ? words.say("replay.none") : text);
  }

  /** `known` is another text whenever people, cameras or screens are called otherwise. */
  show(reel: Reel, called: Called, known: string): void {
    const { words } = this;
    const { change, changes } = reel;
    const at = change === undefined ? 0 : changes.indexOf(change);
    const shown = changes.slice(Math.max(0, at - AROUND), at + AROUND);
    const ends = [shown[0], shown.at(-1), change].map((one) => one?.revision);
    const key = [...ends, known].join(" ");
    if (this.drawn === key) return;
    this.drawn = key;
    fill(
      this.list,
      shown.map((one) => {
        const button = element("button", { type: "button", tabindex: -1 });
        const time = element("time", {}, words.timeOfDay(one.atMs));
        button.append(time, ` ${sentence(one, called, words)}`);
        button.addEventListener("click", () => this.go(one.atMs));
        const line = element("li", {}, button);
        if (one === change) line.setAttribute("aria-current", "true");
        return line;
      }),
    );
    const current = this.list.querySelector<HTMLElement>('[aria-current="true"]');
    if (current !== null) this.list.scrollTop = current.offsetTop - this.list.clientHeight / 2;
  }
}
