//! The desk's filters.

import { element, fill } from "../dom";
import { write } from "../page";
import { PRIORITIES } from "../wire/alert";
import { type DeskFilter, VIEWS, type View } from "./filter";
import type { DeskShell } from "./shell";

export class Bar {
  readonly element = element("div", { class: "bar" });
  private readonly views = new Map<View, { button: HTMLButtonElement; count: HTMLElement }>();
  private readonly priority: HTMLSelectElement;
  private readonly site: HTMLSelectElement;
  private readonly position: HTMLSelectElement;
  private readonly search: HTMLInputElement;
  private drawn = "";

  constructor(
    private readonly desk: DeskShell,
    filter: DeskFilter,
    wish: (wish: Partial<DeskFilter>) => void,
  ) {
    const { words } = desk;
    const chips = element("div", { class: "chips", role: "group" });
    for (const view of VIEWS) {
      const count = element("b", {}, "0");
      const button = element("button", { type: "button", class: "chip", "data-view": view });
      button.append(words.say(`view.${view}`), " ", count);
      button.addEventListener("click", () => wish({ view }));
      chips.append(button);
      this.views.set(view, { button, count });
    }
    const select = (label: "priority" | "site" | "position"): HTMLSelectElement => {
      const name = words.say(`column.${label}`);
      const made = element("select", { id: label, "aria-label": name });
      made.addEventListener("change", () => wish({ [label]: made.value || null }));
      return made;
    };
    this.priority = select("priority");
    this.site = select("site");
    this.position = select("position");
    const label = words.say("desk.search");
    this.search = element("input", {
      id: "search",
      type: "search",
      placeholder: label,
      "aria-label": label,
      value: filter.search,
    });
    this.search.addEventListener("input", () => wish({ search: this.search.value }));
    const fields = element("div", { class: "fields" }, this.search, this.priority, this.site);
    fields.append(this.position);
    this.element.append(chips, fields);
    const options = [...PRIORITIES].reverse().map((one) => {
      return element("option", { value: one }, words.say(`priority.${one}`));
    });
    fill(this.priority, [this.any("desk.any-priority"), ...options]);
  }

  focusSearch(): void {
    this.search.focus();
  }

  show(counts: Readonly<Record<View, number>>, filter: DeskFilter): void {
    for (const [view, { button, count }] of this.views) {
      write(count, String(counts[view]));
      button.ariaPressed = String(view === filter.view);
    }
    this.drawChoices();
    this.priority.value = filter.priority ?? "";
    this.site.value = filter.site ?? "";
    this.position.value = filter.position ?? "";
  }

  /** Sites and positions as they are known; told anew only when they are others. */
  private drawChoices(): void {
    const { census } = this.desk.shell;
    const { positions } = this.desk.bench.people();
    const { tree } = census.sites;
    const key = [tree.map(({ site }) => site.name), positions.map(({ name }) => name)].join();
    if (key === this.drawn) return;
    this.drawn = key;
    const sites = tree.map(({ site, depth }) => {
      return element("option", { value: site.id }, `${"\u2007".repeat(2 * depth)}${site.name}`);
    });
    fill(this.site, [this.any("filter.any-site"), ...sites]);
    const desks = positions.map(({ id, name }) => element("option", { value: id }, name));
    fill(this.position, [this.any("desk.any-position"), ...desks]);
  }

  private any(key: "desk.any-priority" | "filter.any-site" | "desk.any-position"): HTMLElement {
    return element("option", { value: "" }, this.desk.words.say(key));
  }
}
