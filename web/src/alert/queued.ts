//! What was done here and is not at the service yet, and what it refused.

import { element, fill, hide } from "../dom";
import type { Bench } from "./bench";
import type { QueuedAct } from "./outbox";

/** Of one alert, or of all. */
export class QueuedView {
  readonly element = element("ul", { class: "queued", "aria-live": "polite", hidden: true });
  private drawn = "";

  constructor(private readonly bench: Bench) {}

  /** Of one alert, or of all without `except`. */
  show(alert: string | null, except: string | null = null): void {
    const acts = this.bench.outbox.acts.filter(
      (one) =>
        one.act !== "read" && one.alert !== except && (alert === null || one.alert === alert),
    );
    const key = acts.map(({ request, refused }) => `${request} ${refused}`).join();
    hide(this.element, acts.length === 0);
    if (key === this.drawn) return;
    this.drawn = key;
    fill(
      this.element,
      acts.map((act) => this.line(act)),
    );
  }

  private line(act: QueuedAct): HTMLElement {
    const { words, outbox } = this.bench;
    const what = words.known("act", act.act);
    if (act.refused === null) {
      const time = words.moment(act.askedMs);
      const text = words.say("queue.waiting", { what, time });
      return element("li", { "data-act": act.act, "data-state": "waiting" }, text);
    }
    const why = words.said(act.refused) || words.say("queue.too-old");
    const text = words.say("queue.refused", { what, why });
    const seen = element("button", { type: "button" }, words.say("queue.seen"));
    seen.addEventListener("click", () => {
      outbox.dismiss(act.request);
      this.show(act.alert);
    });
    return element("li", { "data-act": act.act, "data-state": "refused" }, text, " ", seen);
  }
}
