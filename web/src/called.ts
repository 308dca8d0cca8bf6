//! On a wall: alerts that nobody took although everyone was told, and that alerts are not stored as
//! they should be. A wall reads along; it confirms nothing, for nobody stands for it.

import { Call } from "./alert/call";
import { type Names, placeWords, titleWords } from "./alert/face";
import { Feed } from "./alert/feed";
import { inOrder, toldEveryone } from "./alert/order";
import { element, hide } from "./dom";
import type { Words } from "./i18n";
import { write } from "./page";
import { StorageBanner } from "./storage";
import type { ServerMessage } from "./wire/messages";

/** So many are named; a wall is read from afar. */
const NAMED = 3;

export class Called {
  readonly element: HTMLElement;
  private readonly storage: StorageBanner;
  private readonly strip = element("div", { id: "called", role: "alert", hidden: true });
  private readonly feed: Feed;
  private dirty = false;

  constructor(
    private readonly words: Words,
    private readonly names: Pick<Names, "camera" | "site">,
    send: (message: string) => void,
    now: () => number,
  ) {
    this.storage = new StorageBanner(words);
    this.element = element("div", { class: "lines" }, this.storage.element, this.strip);
    const changed = (): void => {
      this.dirty = true;
    };
    this.feed = new Feed(new Call(null), send, now, changed, false);
  }

  message(message: ServerMessage): void {
    this.storage.message(message);
    this.feed.message(message);
  }

  ended(): void {
    this.feed.ended();
  }

  /** A few times a second. */
  tick(): void {
    this.feed.tick();
    if (!this.dirty) return;
    this.dirty = false;
    const called = inOrder(this.feed.book.open.filter(toldEveryone));
    hide(this.strip, called.length === 0);
    const { words } = this;
    const names: Names = { ...this.names, person: (id) => id, position: (id) => id };
    const named = called.slice(0, NAMED).map((alert) => {
      const time = words.moment(alert.raisedMs);
      return `${titleWords(alert, words)} – ${placeWords(alert, names, words)} (${time})`;
    });
    const more = called.length > NAMED ? ` +${called.length - NAMED}` : "";
    write(this.strip, `${words.say("alert.everyone")}: ${named.join(" · ")}${more}`);
  }
}
