//! The shelf: what people have put away, why, and when it comes back by itself. Nothing is put away
//! without being seen here.

import { placeWords, signedWords, siteWords, titleWords } from "../alert/face";
import { element, fill, hide } from "../dom";
import type { Page } from "../health/shell";
import type { Alert } from "../wire/alert";
import type { DeskShell } from "./shell";
import { section, table } from "./table";

export class ShelfPage implements Page {
  private readonly place = element("div");
  private readonly none: HTMLElement;
  private drawn = "";

  constructor(
    private readonly desk: DeskShell,
    main: HTMLElement,
  ) {
    const { words } = desk;
    main.className = "desk-page";
    this.none = element("p", { class: "none" }, words.say("shelf.none"));
    main.append(section(words.say("desk.shelf"), this.none, this.place));
  }

  changed(): void {
    const shelf = this.desk.bench.feed.book.open
      .filter((alert) => alert.shelved !== null && alert.state === "shelved")
      .toSorted((a, b) => (a.shelved?.untilMs ?? 0) - (b.shelved?.untilMs ?? 0));
    hide(this.none, shelf.length > 0);
    const minute = Math.floor(this.desk.bench.now() / 60_000);
    const names = this.desk.bench.people().people.length;
    const key = `${minute} ${names} ${shelf.map(({ id, seq }) => `${id}${seq}`)}`;
    if (key === this.drawn) return;
    this.drawn = key;
    fill(this.place, shelf.length === 0 ? [] : [this.draw(shelf)]);
  }

  second(): void {
    this.changed();
  }

  private draw(shelf: readonly Alert[]): HTMLElement {
    const { words, bench } = this.desk;
    const { names } = bench;
    const nowMs = bench.now();
    const rows = shelf.map((alert) => {
      const { shelved } = alert;
      const back = element("button", { type: "button" }, words.say("act.unshelve"));
      back.addEventListener("click", () => bench.sender.act(alert.id, "unshelve"));
      const place = [placeWords(alert, names, words), siteWords(alert, names)].filter(Boolean);
      const link = element("a", {}, titleWords(alert, words));
      link.href = bench.link("/alerts");
      link.search = new URLSearchParams([
        ...new URLSearchParams(link.search),
        ["view", "away"],
        ["a", alert.id],
      ]).toString();
      const untilMs = shelved?.untilMs ?? nowMs;
      const left = words.age(Math.max(0, untilMs - nowMs));
      return [
        link,
        place.join(" · "),
        shelved?.text ?? "",
        shelved === null ? "" : signedWords(shelved, names, words, nowMs),
        `${words.moment(untilMs, nowMs)} (${words.say("shelf.left", { age: left })})`,
        back,
      ];
    });
    const titles = ["kind", "place", "reason", "by", "until"] as const;
    return table([...titles.map((one) => words.say(`column.${one}`)), ""], rows);
  }
}
