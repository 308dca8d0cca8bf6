//! The filters above the list: text, site, condition, order, and a button with a count per state.

import { Badge } from "../badge";
import { element, fill } from "../dom";
import type { Theme } from "../draw/theme";
import { searchable } from "../fold";
import type { Key, Words } from "../i18n";
import { write } from "../page";
import type { Sign } from "../sign";
import type { Sites } from "../sites";
import type { State } from "../wire/messages";
import { EVERYTHING, type Filter, NO_SITE, type Selection, SORTS, STATES } from "./filter";

/** Conditions by the rung that they break, as the service names them. */
const CONDITIONS = [
  "unreachable",
  "refused",
  "unstable",
  "quarantined",
  "credentials-rejected",
  "session-limit",
  "unsupported",
  "redirect",
  "protocol",
  "abusive",
  "stalled",
  "packet-loss",
  "keyframe-overdue",
  "decode-errors",
  "frozen",
  "looped",
  "black",
  "overexposed",
  "defocused",
  "covered",
  "moved",
  "clock-skew",
  "low-frame-rate",
  "stream-changed",
] as const;

const SIGNS: Readonly<Record<State, Sign>> = {
  offline: "stopped",
  stalled: "warning",
  suspect: "warning",
  "waiting-parameters": "waiting",
  "waiting-keyframe": "waiting",
  connecting: "waiting",
  unknown: "stopped",
  maintenance: "maintenance",
  online: "good",
};

interface Chip {
  readonly button: HTMLButtonElement;
  readonly count: HTMLElement;
}

export class Bar {
  readonly element: HTMLElement;
  private readonly text: HTMLInputElement;
  private readonly site: HTMLSelectElement;
  private readonly condition: HTMLSelectElement;
  private readonly sort: HTMLSelectElement;
  private readonly direction: HTMLButtonElement;
  private readonly clear: HTMLButtonElement;
  private readonly shown = element("span", { class: "shown", role: "status" });
  private readonly chips = new Map<State | "", Chip>();
  private treeKey = "";

  constructor(
    private readonly words: Words,
    private readonly theme: Theme,
    private filter: Filter,
    private readonly changed: (filter: Filter) => void,
  ) {
    const { text, site, condition, sort } = filter;
    const say = (key: Key): string => words.say(key);
    this.text = element("input", {
      id: "search",
      type: "search",
      maxlength: 100,
      autocomplete: "off",
      placeholder: say("filter.search"),
      "aria-label": say("filter.search"),
    });
    this.text.value = text;
    this.text.addEventListener("input", () => this.wish({ text: this.text.value }));
    const options = CONDITIONS.map((word) => [word, words.condition(word)] as const);
    this.condition = this.choice("condition", "filter.condition", condition, [
      ["", say("filter.any-condition")],
      ...options.sort(([, a], [, b]) => searchable(a).localeCompare(searchable(b))),
    ]);
    this.site = this.choice("site", "filter.site", site, [["", say("filter.any-site")]]);
    const sorts = SORTS.map((one) => [one, say(`list.${one}`)] as const);
    this.sort = this.choice("sort", "filter.sort", sort, sorts);
    this.direction = element("button", { type: "button", id: "direction", class: "plain" });
    this.direction.addEventListener("click", () =>
      this.wish({ descending: !this.filter.descending }),
    );
    this.clear = element("button", { type: "button", id: "clear" }, say("filter.clear"));
    this.clear.addEventListener("click", () => {
      const { sort: kept, descending } = this.filter;
      this.wish({ ...EVERYTHING, sort: kept, descending });
    });
    const sortLabel = element("label", { class: "sort" }, `${say("filter.sort")} `, this.sort);
    const fields = element("div", { class: "fields" }, this.text, this.site, this.condition);
    fields.append(sortLabel, this.direction, this.clear, this.shown);
    const chips = element("div", { class: "chips" });
    for (const state of ["", ...STATES] as const) chips.append(this.chip(state));
    const label = say("filter.label");
    this.element = element("search", { class: "bar", "aria-label": label }, chips, fields);
    this.reflect();
  }

  focusSearch(): void {
    this.text.focus();
    this.text.select();
  }

  /** A filter that was chosen elsewhere on the page. */
  wish(part: Partial<Filter>): void {
    this.filter = { ...this.filter, ...part };
    this.reflect();
    this.changed(this.filter);
  }

  /** What came of it. */
  result({ shown, counts, counted }: Selection, total: number, sites: Sites): void {
    this.branches(sites);
    const { words } = this;
    write(this.shown, words.say("filter.shown", { shown: shown.length, total }));
    for (const [state, { button, count }] of this.chips) {
      const n = state === "" ? counted : (counts.get(state) ?? 0);
      write(count, String(n));
      // A state that no camera is in is no choice, unless it is what is wished for.
      button.hidden = n === 0 && state !== "" && state !== this.filter.state;
    }
  }

  private reflect(): void {
    const { text, site, state, condition, sort, descending } = this.filter;
    if (this.text.value !== text) this.text.value = text;
    this.site.value = site;
    this.condition.value = condition;
    this.sort.value = sort;
    const way = descending ? "filter.descending" : "filter.ascending";
    write(this.direction, descending ? "↓" : "↑");
    this.direction.title = this.words.say(way);
    this.direction.setAttribute("aria-label", this.words.say(way));
    this.clear.hidden = text === "" && site === "" && state === "" && condition === "";
    for (const [one, { button }] of this.chips) button.ariaPressed = String(one === state);
  }

  /** The choice of sites follows the tree. */
  private branches(sites: Sites): void {
    const key = sites.tree.map(({ site, depth }) => `${depth}${site.id}${site.name}`).join("|");
    if (key === this.treeKey && this.site.options.length > 1) return;
    this.treeKey = key;
    const { words } = this;
    const option = (value: string, text: string): HTMLOptionElement =>
      element("option", { value }, text);
    fill(this.site, [
      option("", words.say("filter.any-site")),
      ...sites.tree.map(({ site, depth }) =>
        option(site.id, `${"\u2003".repeat(depth)}${site.name}`),
      ),
      option(NO_SITE, words.say("filter.no-site")),
    ]);
    this.site.value = this.filter.site;
  }

  private choice(
    name: "site" | "condition" | "sort",
    label: Key,
    value: string,
    options: readonly (readonly [string, string])[],
  ): HTMLSelectElement {
    const select = element("select", { id: name, "aria-label": this.words.say(label) });
    for (const [option, text] of options) {
      select.append(element("option", { value: option }, text));
    }
    select.value = value;
    select.addEventListener("change", () => {
      this.wish({ [name]: select.value } as Partial<Filter>);
    });
    return select;
  }

  private chip(state: State | ""): HTMLElement {
    const { words, theme } = this;
    const count = element("b");
    const button = element("button", { type: "button", class: "chip", "data-state": state });
    if (state !== "") {
      const badge = new Badge();
      const bad = state === "offline" || state === "stalled" || state === "suspect";
      badge.show(SIGNS[state], bad ? theme.plateSign : theme.stripText);
      button.append(badge.element);
    }
    const word = state === "" ? words.say("filter.all") : words.say(`state.${state}`);
    button.append(`${word} `, count);
    button.addEventListener("click", () =>
      this.wish({ state: this.filter.state === state ? "" : state }),
    );
    this.chips.set(state, { button, count });
    return button;
  }
}
