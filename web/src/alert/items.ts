//! The list of alerts: one item for each, or groups of them while there is a flood. An item stays the
//! same element while its alert is listed, so that focus and scroll stay where they are.

import { arrange, element, hide } from "../dom";
import { write } from "../page";
import type { Alert } from "../wire/alert";
import type { Bench } from "./bench";
import { groupWords, kindWords, placeWords, sinceWords, siteWords, stateWords } from "./face";
import { type Group, needsPerson, toldEveryone } from "./order";

export class Items {
  readonly element = element("ol", { class: "items" });
  private readonly items = new Map<string, Item>();
  private readonly groups = new Map<string, GroupItem>();
  private chosen: string | null = null;

  constructor(
    private readonly bench: Bench,
    private readonly open: (alert: Alert) => void,
  ) {
    this.element.addEventListener("keydown", (event) => this.key(event));
  }

  /** Which one is open beside the list. */
  choose(id: string | null): void {
    if (this.chosen !== null) this.items.get(this.chosen)?.mark(false);
    this.chosen = id;
    if (id !== null) this.items.get(id)?.mark(true);
  }

  show(alerts: readonly Alert[]): void {
    this.keep(alerts);
    arrange(
      this.element,
      alerts.map((alert) => this.item(alert).element),
    );
  }

  showGroups(groups: readonly Group[]): void {
    this.keep(groups.flatMap(({ alerts }) => alerts));
    const keys = new Set(groups.map(({ key }) => key));
    for (const key of this.groups.keys()) if (!keys.has(key)) this.groups.delete(key);
    arrange(
      this.element,
      groups.map((group) => {
        const [only] = group.alerts;
        // A group of one would only hide it.
        if (only !== undefined && group.alerts.length === 1) return this.item(only).element;
        const shown = this.groups.get(group.key) ?? new GroupItem(this.bench);
        this.groups.set(group.key, shown);
        const members = group.alerts.map((alert) => this.item(alert).element);
        shown.show(group, groupWords(group, this.bench.names, this.bench.words), members);
        return shown.element;
      }),
    );
  }

  private keep(alerts: readonly Alert[]): void {
    const ids = new Set(alerts.map(({ id }) => id));
    for (const id of this.items.keys()) if (!ids.has(id)) this.items.delete(id);
  }

  private item(alert: Alert): Item {
    const item = this.items.get(alert.id) ?? new Item(this.bench, this.open);
    this.items.set(alert.id, item);
    item.show(alert);
    item.mark(alert.id === this.chosen);
    return item;
  }

  private key(event: KeyboardEvent): void {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step === undefined || !(event.target instanceof HTMLElement)) return;
    const all = [...this.element.querySelectorAll<HTMLElement>(".item, summary")].filter(
      (one) => one.offsetParent !== null,
    );
    all[all.indexOf(event.target) + step]?.focus();
    event.preventDefault();
  }
}

class Item {
  readonly element: HTMLElement;
  private readonly button = element("button", { type: "button", class: "item" });
  private readonly cells = {
    priority: element("span", { class: "priority" }),
    kind: element("b", { class: "kind" }),
    place: element("span", { class: "place" }),
    site: element("span", { class: "site" }),
    state: element("span", { class: "state" }),
    since: element("span", { class: "since" }),
    count: element("span", { class: "count" }),
    position: element("span", { class: "position" }),
    queued: element("span", { class: "tag queued-tag", hidden: true }),
    drill: element("span", { class: "tag drill", hidden: true }),
  };
  private alert: Alert | null = null;

  constructor(
    private readonly bench: Bench,
    open: (alert: Alert) => void,
  ) {
    const { drill, queued, ...cells } = this.cells;
    write(drill, bench.words.say("alert.drill"));
    cells.kind.after(drill);
    this.button.append(...Object.values(cells), queued, drill);
    this.element = element("li", {}, this.button);
    this.button.addEventListener("click", () => {
      if (this.alert !== null) open(this.alert);
    });
  }

  show(alert: Alert): void {
    this.alert = alert;
    const { words, names, outbox } = this.bench;
    const { cells, button } = this;
    const nowMs = this.bench.now();
    button.dataset.alert = alert.id;
    button.dataset.state = alert.state;
    button.dataset.priority = alert.priority;
    button.dataset.waiting = String(needsPerson(alert));
    button.dataset.everyone = String(toldEveryone(alert));
    cells.priority.dataset.priority = alert.priority;
    write(cells.priority, words.say(`priority.${alert.priority}`));
    write(cells.kind, kindWords(alert, words));
    write(cells.place, placeWords(alert, names, words));
    write(cells.site, siteWords(alert, names));
    write(cells.state, stateWords(alert, names, words, nowMs));
    write(cells.since, sinceWords(alert, words, nowMs));
    write(cells.count, alert.count > 1 ? `×${alert.count}` : "");
    write(cells.position, names.position(alert.position));
    hide(cells.drill, !alert.drill);
    const queued = outbox.waiting.find((one) => one.alert === alert.id && one.act !== "read");
    hide(cells.queued, queued === undefined);
    if (queued !== undefined) {
      const what = words.known("act", queued.act);
      write(cells.queued, words.say("queue.waiting", { what, time: words.moment(queued.askedMs) }));
    }
  }

  mark(chosen: boolean): void {
    if (chosen) this.button.setAttribute("aria-current", "true");
    else this.button.removeAttribute("aria-current");
  }
}

class GroupItem {
  readonly element: HTMLElement;
  private readonly mark = element("span", { class: "priority" });
  private readonly title = element("span", { class: "group-title" });
  private readonly members = element("ol", { class: "items" });

  constructor(private readonly bench: Bench) {
    const summary = element("summary", {}, this.mark, this.title);
    this.element = element("li", { class: "group" });
    this.element.append(element("details", {}, summary, this.members));
  }

  show(group: Group, text: string, members: readonly HTMLElement[]): void {
    this.mark.dataset.priority = group.priority;
    write(this.mark, this.bench.words.say(`priority.${group.priority}`));
    write(this.title, text);
    arrange(this.members, members);
  }
}
