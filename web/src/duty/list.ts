//! The duty officer's list: one's own alerts, or all.

import type { Bench } from "../alert/bench";
import { Items } from "../alert/items";
import { grouped, inOrder, isAway, isMine, type Me, meOf, needsPerson } from "../alert/order";
import { element, hide } from "../dom";
import { write } from "../page";
import type { Alert } from "../wire/alert";
import type { DutyWords } from "./words";

export class DutyList {
  readonly element = element("section", { class: "duty-list" });
  private readonly items: Items;
  private readonly none = element("p", { class: "none" });
  private readonly tabs: readonly HTMLButtonElement[];
  private all = false;

  constructor(
    private readonly bench: Bench,
    private readonly words: DutyWords,
    open: (alert: Alert) => void,
  ) {
    this.items = new Items(bench, open);
    const bar = element("div", { class: "tabs", role: "group" });
    this.tabs = [false, true].map((all) => {
      const button = element("button", { type: "button" });
      button.addEventListener("click", () => {
        this.all = all;
        this.changed();
      });
      bar.append(button);
      return button;
    });
    this.element.append(bar, this.items.element, this.none);
    this.changed();
  }

  /** Whose the alerts are, by the roster as it is known. */
  get me(): Me {
    return meOf(this.bench.call.person, this.bench.people());
  }

  /** Open alerts of this person, those that are put away included. */
  get mine(): readonly Alert[] {
    const { me } = this;
    return this.bench.feed.book.open.filter((alert) => isMine(alert, me));
  }

  changed(): void {
    const { words, me, mine } = this;
    const { open } = this.bench.feed.book;
    const shown = inOrder(this.all ? open : mine).filter((one) => !isAway(one));
    const flood = [...this.bench.feed.floods.keys()].some(
      (id) => this.all || me.person === null || me.positions.has(id),
    );
    if (flood) this.items.showGroups(grouped(shown));
    else this.items.show(shown);
    hide(this.none, shown.length > 0 || this.bench.feed.follower.listing);
    write(this.none, words.say(this.all || me.person === null ? "duty.none" : "duty.none-mine"));
    for (const [at, [key, list]] of (
      [
        ["duty.mine", mine],
        ["duty.all", open],
      ] as const
    ).entries()) {
      const tab = this.tabs[at];
      if (tab === undefined) continue;
      const waiting = list.filter(needsPerson).length;
      write(tab, waiting === 0 ? words.say(key) : `${words.say(key)} (${waiting})`);
      tab.ariaPressed = String(this.all === (at === 1));
    }
  }
}
