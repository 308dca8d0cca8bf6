//! The lines above the list: how the page is connected, what waits to be sent, floods, the alarm.

import type { Bench } from "../alert/bench";
import { QueuedView } from "../alert/queued";
import type { Sound } from "../alert/sound";
import type { Liveness } from "../connection";
import { element, fill, hide } from "../dom";
import { part, write } from "../page";
import { StorageBanner } from "../storage";
import type { ServerMessage } from "../wire/messages";
import type { DutyWords } from "./words";

export class Lines {
  private readonly life = part("life", HTMLElement);
  private readonly storage: StorageBanner;
  private readonly queued: QueuedView;
  private readonly floods = element("div", { class: "floods" });
  private readonly sound: HTMLButtonElement;
  private readonly ringing: HTMLElement;

  constructor(
    private readonly bench: Bench,
    private readonly words: DutyWords,
    sound: Sound,
  ) {
    this.storage = new StorageBanner(words);
    this.queued = new QueuedView(bench);
    this.sound = element("button", { type: "button", id: "sound" }, words.say("duty.sound-on"));
    // The touch itself unlocks it, as any touch of the page does.
    this.sound.addEventListener("click", () => void sound.unlock());
    this.ringing = element("p", { class: "ringing", role: "alert", hidden: true });
    write(this.ringing, words.say("duty.ringing"));
    const { element: storage } = this.storage;
    part("lines", HTMLElement).append(storage, this.ringing, this.queued.element, this.floods);
    part("lines", HTMLElement).append(this.sound);
  }

  message(message: ServerMessage): void {
    this.storage.message(message);
  }

  /** `asOfMs`: when the list was last known to be right. */
  show(life: Liveness, asOfMs: number | null, soundReady: boolean, rings: boolean): void {
    const { words, bench } = this;
    const { follower } = bench.feed;
    const behind = follower.isBehind(performance.now());
    const now =
      life === "not-live"
        ? "lost"
        : life === "starting"
          ? "starting"
          : behind
            ? "behind"
            : follower.listing
              ? "listing"
              : "live";
    const time = asOfMs === null ? "–" : words.moment(asOfMs, bench.now());
    this.life.dataset.feed = now;
    write(this.life, words.say(`feed.${now}`, { time }));
    hide(this.sound, soundReady);
    hide(this.ringing, !rings);
  }

  /** What waits, and floods of these positions. */
  changed(positions: ReadonlySet<string> | null): void {
    const { bench, words } = this;
    this.queued.show(null);
    const floods = [...bench.feed.floods].filter(([id]) => positions?.has(id) ?? true);
    fill(
      this.floods,
      floods.map(([id, { inTenMinutes }]) => {
        const position = bench.names.position(id);
        return element("p", {}, words.say("duty.flood", { position, n: inTenMinutes }));
      }),
    );
  }
}
