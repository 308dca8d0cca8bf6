//! What went out over which channel to whom, and what could not be delivered: to be sent again.

import { element, fill, hide } from "../dom";
import type { Page } from "../health/shell";
import { write } from "../page";
import { type Delivery, readDeliveries } from "../wire/detail";
import type { DeskShell } from "./shell";
import { section, table } from "./table";

const STATES = ["dead", "waiting", "delivered"] as const;
const AGAIN_S = 10;
const MOST = 200;

export class DeliveriesPage implements Page {
  private readonly place = element("div");
  private readonly none: HTMLElement;
  private readonly problem = element("p", { class: "problem", role: "alert" });
  private state: (typeof STATES)[number] = "dead";
  private deliveries: readonly Delivery[] = [];
  private readonly buttons: readonly HTMLButtonElement[];
  private seconds = 0;

  constructor(
    private readonly desk: DeskShell,
    main: HTMLElement,
  ) {
    const { words } = desk;
    main.className = "desk-page";
    this.none = element("p", { class: "none", hidden: true }, words.say("delivery.none"));
    const chips = element("div", { class: "chips", role: "group" });
    this.buttons = STATES.map((state) => {
      const button = element("button", { type: "button", class: "chip", "data-state": state });
      button.append(words.say(`delivery.${state}`));
      button.addEventListener("click", () => {
        this.state = state;
        this.refresh();
      });
      chips.append(button);
      return button;
    });
    const why = element("p", { class: "none" }, words.say("delivery.why"));
    const title = words.say("desk.deliveries");
    main.append(section(title, why, chips, this.problem, this.none, this.place));
    this.refresh();
  }

  changed(): void {
    this.draw();
  }

  second(): void {
    this.seconds += 1;
    if (this.seconds % AGAIN_S === 0) this.refresh();
  }

  private refresh(): void {
    const { state } = this;
    for (const button of this.buttons) button.ariaPressed = String(button.dataset.state === state);
    const path = `deliveries?state=${state}&limit=${MOST}`;
    void this.desk.bench.call.get(path, readDeliveries).then((answer) => {
      if (state !== this.state) return;
      this.tell(answer.ok ? null : answer.why);
      if (!answer.ok) return;
      this.deliveries = answer.value;
      hide(this.none, this.deliveries.length > 0);
      this.draw();
    });
  }

  private tell(why: string | null): void {
    const { words } = this.desk;
    const said =
      why === null
        ? ""
        : words.say("health.failed", { why: words.said(why) || words.say("health.no-answer") });
    write(this.problem, said);
  }

  private draw(): void {
    const { words, bench } = this.desk;
    const time = (ms: number | null): string => (ms === null ? "–" : words.dayAndTime(ms));
    const rows = this.deliveries.map((one) => [
      time(one.firstMs),
      this.alertOf(one),
      one.channel,
      one.person === "" ? "–" : bench.names.person(one.person),
      words.say(`delivery.${one.state}`),
      String(one.attempts),
      time(one.deliveredMs),
      element("span", { lang: "en" }, one.error),
      one.state === "dead" ? this.again(one) : "",
    ]);
    const titles = [
      "at",
      "alert",
      "channel",
      "person",
      "state",
      "attempts",
      "delivered",
      "error",
    ] as const;
    const made = table([...titles.map((one) => words.say(`column.${one}`)), ""], rows);
    fill(this.place, this.deliveries.length === 0 ? [] : [made]);
  }

  private alertOf({ alert }: Delivery): HTMLElement | string {
    if (alert === "") return "–";
    const link = element("a", {}, alert.slice(0, 8));
    link.href = this.desk.bench.link("/alerts");
    const query = new URLSearchParams(link.search);
    query.set("a", alert);
    link.search = query.toString();
    return link;
  }

  private again({ id }: Delivery): HTMLElement {
    const button = element("button", { type: "button" }, this.desk.words.say("delivery.resend"));
    button.addEventListener("click", async () => {
      button.disabled = true;
      const answer = await this.desk.bench.call.post(`deliveries/${id}/resend`, {}, () => null);
      this.tell(answer.ok ? null : answer.why);
      this.refresh();
    });
    return button;
  }
}
