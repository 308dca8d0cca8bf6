//! On a wall: alerts that nobody took although everyone was told, and that alerts are not stored as
//! they should be. A wall does not follow the alerts, and so confirms none: nobody stands for it. It
//! asks for the list when a heartbeat tells that something changed.

import { Call } from "./alert/call";
import { type Names, placeWords, titleWords } from "./alert/face";
import { inOrder, toldEveryone } from "./alert/order";
import { element, hide } from "./dom";
import type { Words } from "./i18n";
import { write } from "./page";
import { StorageBanner } from "./storage";
import { type Alert, readAlertList } from "./wire/alert";
import type { ServerMessage } from "./wire/messages";

/** So many are named; a wall is read from afar. */
const NAMED = 3;

export class Called {
  readonly element: HTMLElement;
  private readonly storage: StorageBanner;
  private readonly strip = element("div", { id: "called", role: "alert", hidden: true });
  private readonly call = new Call(null);
  /** The newest change that the strip knows of. */
  private head: number | null = null;
  private asking = false;

  constructor(
    private readonly words: Words,
    private readonly names: Pick<Names, "camera" | "site">,
  ) {
    this.storage = new StorageBanner(words);
    this.element = element("div", { class: "lines" }, this.storage.element, this.strip);
  }

  message(message: ServerMessage): void {
    this.storage.message(message);
    if (message.type !== "hello" && message.type !== "heartbeat") return;
    if (message.alertHead !== this.head) void this.ask(message.alertHead);
  }

  private async ask(head: number): Promise<void> {
    if (this.asking) return;
    this.asking = true;
    const answer = await this.call.get("alerts?open=true&limit=1000", readAlertList);
    this.asking = false;
    // Else the next heartbeat asks again.
    if (!answer.ok) return;
    this.head = Math.max(head, answer.value.head);
    this.show(inOrder(answer.value.alerts.filter(toldEveryone)));
  }

  private show(called: readonly Alert[]): void {
    const { words } = this;
    const names: Names = { ...this.names, person: (id) => id, position: (id) => id };
    const named = called.slice(0, NAMED).map((alert) => {
      const time = words.moment(alert.raisedMs);
      return `${titleWords(alert, words)} – ${placeWords(alert, names, words)} (${time})`;
    });
    const more = called.length > NAMED ? ` +${called.length - NAMED}` : "";
    hide(this.strip, called.length === 0);
    write(this.strip, `${words.say("alert.everyone")}: ${named.join(" · ")}${more}`);
  }
}
