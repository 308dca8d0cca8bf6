//! What stands above the alert list: tabs, search, and the lines that say what is wrong.

import type { Bench } from "../../alert/bench";
import { QueuedView } from "../../alert/queued";
import { element, fill, hide } from "../../dom";
import type { Key, Words } from "../../i18n";
import { write } from "../../page";
import { TABS, type Tab, type Wish } from "./filter";

const TITLES: Readonly<Record<Tab, Key>> = {
  open: "view.open",
  waiting: "view.waiting",
  mine: "duty.mine",
  shelf: "view.away",
};

export class Bar {
  readonly element = element("div", { class: "alert-bar" });
  readonly search: HTMLInputElement;
  private readonly tabs = new Map<Tab, { button: HTMLButtonElement; count: HTMLElement }>();
  private readonly queued: QueuedView;
  private readonly behind = element("p", { class: "warn", role: "status", hidden: true });
  private readonly floods = element("div", { class: "floods" });
  private readonly ringing: HTMLElement;
  private readonly quiet: HTMLButtonElement;

  constructor(
    private readonly words: Words,
    private readonly bench: Bench,
    wish: (wish: Partial<Wish>) => void,
    unlock: () => void,
  ) {
    const chips = element("div", { class: "chips", role: "group" });
    chips.ariaLabel = words.say("handling.tabs");
    for (const tab of TABS) {
      const count = element("b", {}, "0");
      const button = element("button", { type: "button", class: "chip", "data-tab": tab });
      button.append(words.say(TITLES[tab]), " ", count);
      button.addEventListener("click", () => wish({ tab }));
      chips.append(button);
      this.tabs.set(tab, { button, count });
    }
    const label = words.say("desk.search");
    this.search = element("input", { type: "search", placeholder: label, "aria-label": label });
    this.search.addEventListener("input", () => wish({ search: this.search.value }));
    this.queued = new QueuedView(bench);
    this.ringing = element("p", { class: "ringing", role: "alert", hidden: true });
    write(this.ringing, words.say("handling.ringing"));
    this.quiet = element("button", { type: "button", class: "sound" }, words.say("duty.sound-on"));
    this.quiet.addEventListener("click", unlock);
    this.element.append(chips, this.search, this.ringing, this.queued.element, this.behind);
    this.element.append(this.floods, this.quiet);
  }

  show(counts: Readonly<Record<Tab, number>>, { tab, search }: Wish, ofAlert: string | null): void {
    for (const [one, { button, count }] of this.tabs) {
      write(count, String(counts[one]));
      button.ariaPressed = String(one === tab);
    }
    if (this.search.value !== search) this.search.value = search;
    // What is said beside the alert that is shown is not said twice.
    this.queued.show(null, ofAlert);
    const { floods } = this.bench.feed;
    fill(
      this.floods,
      [...floods].map(([id, { inTenMinutes }]) => {
        const position = this.bench.names.position(id);
        const text = this.words.say("duty.flood", { position, n: inTenMinutes });
        return element("p", { class: "warn" }, text);
      }),
    );
  }

  state(live: boolean, rings: boolean, soundReady: boolean): void {
    const { follower } = this.bench.feed;
    const behind = live && follower.isBehind(performance.now());
    hide(this.behind, !behind && !(live && follower.listing));
    write(this.behind, this.words.say(behind ? "feed.behind" : "feed.listing"));
    hide(this.ringing, !rings);
    hide(this.quiet, soundReady);
  }
}
