//! The desk's list: what is open, as filtered, with one alert in full beside it.

import { findWords } from "../alert/face";
import { Items } from "../alert/items";
import { grouped, inOrder } from "../alert/order";
import { AlertView } from "../alert/view";
import { element, fill, hide } from "../dom";
import type { Page } from "../health/shell";
import { write } from "../page";
import type { Alert } from "../wire/alert";
import { Bar } from "./bar";
import { type DeskFilter, readFilter, select, writeFilter } from "./filter";
import type { DeskShell } from "./shell";

export class ListPage implements Page {
  private filter: DeskFilter;
  private readonly bar: Bar;
  private readonly items: Items;
  private readonly view: AlertView;
  private readonly none = element("p", { class: "none" });
  private readonly mix = element("p", { class: "mix", hidden: true });
  private readonly beside = element("aside", { class: "beside" });

  constructor(
    private readonly desk: DeskShell,
    main: HTMLElement,
  ) {
    const { words, bench } = desk;
    this.filter = readFilter(new URLSearchParams(location.search));
    this.bar = new Bar(desk, this.filter, (wish) => this.wish(wish));
    this.items = new Items(bench, (alert) => this.wish({ alert: alert.id }));
    this.view = new AlertView(bench);
    write(this.none, words.say("desk.none"));
    const list = element(
      "section",
      { class: "list" },
      this.titles(),
      this.items.element,
      this.none,
    );
    const close = element("button", { type: "button", class: "close" }, words.say("desk.close"));
    close.addEventListener("click", () => this.wish({ alert: null }));
    this.beside.append(close, this.view.element);
    main.className = "desk-list";
    main.append(element("div", { class: "left" }, this.bar.element, this.mix, list), this.beside);
    document.addEventListener("keydown", (event) => {
      const typing = event.target instanceof Element && event.target.matches("input, textarea");
      if (event.key !== "/" || typing || event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      this.bar.focusSearch();
    });
  }

  changed(): void {
    const { bench, words } = this.desk;
    const { sites } = this.desk.shell.census;
    const text = (alert: Alert): string => findWords(alert, bench.names, words);
    const isWithin = (site: string | null, other: string): boolean => sites.isWithin(site, other);
    const { shown, counts } = select(bench.feed.book.all, this.filter, { text, isWithin });
    this.bar.show(counts, this.filter);
    const ordered = inOrder(shown);
    const flooded = shown.some(({ position }) => bench.feed.floods.has(position));
    document.body.dataset.flood = String(flooded);
    if (flooded) this.items.showGroups(grouped(ordered));
    else this.items.show(ordered);
    hide(this.none, shown.length > 0 || bench.feed.follower.listing);
    const { mix } = bench.feed;
    hide(this.mix, mix?.drifted !== true);
    if (mix !== null) {
      const { high, medium, low, of } = mix;
      const [h, m, l] = [high, medium, low].map((one) => one.toFixed(0)) as [
        string,
        string,
        string,
      ];
      write(this.mix, words.say("desk.mix-drifted", { high: h, medium: m, low: l, of }));
    }
    this.open();
  }

  second(): void {
    this.changed();
  }

  private open(): void {
    const id = this.filter.alert;
    const alert = id === null ? undefined : this.desk.bench.feed.book.alert(id);
    hide(this.beside, alert === undefined);
    this.items.choose(alert?.id ?? null);
    if (alert === undefined) return;
    if (this.view.id !== alert.id) this.view.open(alert);
    else this.view.refresh();
  }

  private wish(wish: Partial<DeskFilter>): void {
    this.filter = { ...this.filter, ...wish };
    const query = writeFilter(this.filter, new URLSearchParams(location.search)).toString();
    history.replaceState(null, "", query === "" ? location.pathname : `?${query}`);
    this.changed();
  }

  private titles(): HTMLElement {
    const { words } = this.desk;
    const titles = element("div", { class: "item titles", "aria-hidden": "true" });
    const names = ["priority", "kind", "place", "site", "state", "since", "count", "position"];
    fill(
      titles,
      names.map((name) =>
        element("span", { class: name }, words.say(`column.${name}` as "column.kind")),
      ),
    );
    return titles;
  }
}
