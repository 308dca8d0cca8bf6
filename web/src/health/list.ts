//! The page of all cameras: filters, rows, sites and maintenance beside them. The address carries
//! what is wished for, so that a link shows the same.

import { element, hide } from "../dom";
import type { Key } from "../i18n";
import { rememberList } from "../memory";
import { part, write } from "../page";
import { Bar } from "./bar";
import { type Filter, readFilter, type Sort, select, writeFilter } from "./filter";
import { Orders } from "./orders";
import { Places } from "./places";
import { rowFaceOf } from "./rowface";
import { Rows } from "./rows";
import type { Page, Shell } from "./shell";

/** The columns, and by what a click on their title sorts. */
const COLUMNS: readonly (readonly [string, Key, Sort | null])[] = [
  ["state", "list.state", "severity"],
  ["number", "list.number", "number"],
  ["name", "list.name", "name"],
  ["site", "list.site", "site"],
  ["conditions", "list.conditions", null],
  ["since", "list.since", "since"],
  ["evidence", "list.evidence", null],
];

/** Wide enough for sites and maintenance to stay open beside the list. */
const WIDE = "(min-width: 1000px)";

export class ListPage implements Page {
  private filter: Filter;
  private readonly bar: Bar;
  private readonly rows: Rows;
  private readonly places: Places;
  private readonly orders: Orders;
  private readonly none: HTMLElement;
  private readonly titles = new Map<Sort, HTMLElement>();

  constructor(
    private readonly shell: Shell,
    main: HTMLElement,
  ) {
    const { words, theme } = shell;
    document.title = words.say("health.title");
    write(part("title", HTMLElement), words.say("health.title"));
    this.filter = readFilter(new URLSearchParams(location.search));
    this.bar = new Bar(words, theme, this.filter, (filter) => {
      this.filter = filter;
      this.keep();
      this.rows.toTop();
      this.changed();
    });
    this.places = new Places(words, theme, (site) => this.bar.wish({ site }));
    this.orders = new Orders(shell);
    this.none = element("p", { class: "none", hidden: true }, words.say("filter.none"));
    const grid = element("div", {
      id: "list",
      class: "list",
      role: "grid",
      tabindex: 0,
      "aria-label": words.say("list.label"),
    });
    grid.append(this.titleRow());
    this.rows = new Rows(
      grid,
      {
        face: (camera) => rowFaceOf(camera, words, shell.census.sites, shell.now()),
        link: ({ id }) => shell.link(`/health/${id}`),
      },
      theme,
      words,
    );
    const side = element("details", { class: "side" });
    const summary = `${words.say("sites.title")} · ${words.say("order.title")}`;
    side.append(element("summary", {}, summary), this.places.element, this.orders.element);
    const wide = matchMedia(WIDE);
    const open = (): void => {
      side.open = wide.matches;
    };
    wide.addEventListener("change", open);
    open();
    const content = element("div", { class: "content" }, this.bar.element, this.places.alarms);
    content.append(grid, this.none);
    main.className = "list-page";
    main.append(content, side);
    document.addEventListener("keydown", (event) => {
      const typing = event.target instanceof Element && event.target.matches("input, select");
      if (event.key !== "/" || typing || event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      this.bar.focusSearch();
    });
    rememberList(location.search);
  }

  changed(): void {
    const { census } = this.shell;
    const selection = select(census.cameras, this.filter, census.sites);
    this.bar.result(selection, census.size, census.sites);
    this.rows.show(selection.shown);
    this.places.show(census.sites, this.filter.site, this.shell.now());
    this.orders.changed();
    hide(this.none, !census.listed || selection.shown.length > 0);
    for (const [sort, title] of this.titles) {
      const way = this.filter.descending ? "descending" : "ascending";
      title.ariaSort = sort === this.filter.sort ? way : "none";
    }
  }

  second(): void {
    this.rows.refresh();
    this.places.show(this.shell.census.sites, this.filter.site, this.shell.now());
    this.orders.second();
  }

  private keep(): void {
    const query = writeFilter(this.filter, new URLSearchParams(location.search)).toString();
    history.replaceState(null, "", query === "" ? location.pathname : `?${query}`);
    rememberList(location.search);
  }

  private titleRow(): HTMLElement {
    const { words } = this.shell;
    const row = element("div", { class: "row titles", role: "row" });
    for (const [name, key, sort] of COLUMNS) {
      const title = element("span", { class: `cell ${name}`, role: "columnheader" });
      if (sort === null) title.append(words.say(key));
      else {
        const button = element("button", { type: "button" }, words.say(key));
        button.addEventListener("click", () => {
          const again = this.filter.sort === sort;
          this.bar.wish({ sort, descending: again && !this.filter.descending });
        });
        title.append(button);
        this.titles.set(sort, title);
      }
      row.append(title);
    }
    return row;
  }
}
