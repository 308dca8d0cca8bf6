//! The list of alerts, two lines of text each. One of them is the chosen one.

import type { Bench } from "../../alert/bench";
import {
  groupWords,
  kindWords,
  ownerOf,
  placeWords,
  siteWords,
  stateWords,
} from "../../alert/face";
import { needsPerson, toldEveryone } from "../../alert/order";
import { element, hide } from "../../dom";
import type { Words } from "../../i18n";
import { write } from "../../page";
import type { Alert } from "../../wire/alert";
import { VirtualList, type VirtualRow } from "../virtual";
import type { Line } from "./lines";

export class AlertLines {
  /** Scrolls; has the focus. */
  readonly element: HTMLElement;
  private readonly list: VirtualList<Line>;
  private lines: readonly Line[] = [];
  /** What waits to be sent, by alert. */
  private queued: ReadonlyMap<string, string> = new Map();

  constructor(
    private readonly bench: Bench,
    words: Words,
    choose: (key: string, twice: boolean) => void,
  ) {
    this.element = element("div", { class: "alert-lines", role: "treegrid", tabindex: 0 });
    this.element.ariaLabel = words.say("handling.list");
    const queued = (id: string): string | undefined => this.queued.get(id);
    const row = (): Row => new Row(bench, words, queued);
    // Ids of elements have no spaces.
    this.list = new VirtualList(this.element, row, ({ key }) => key.replaceAll(/\s/g, "_"));
    for (const twice of [false, true]) {
      this.element.addEventListener(twice ? "dblclick" : "click", ({ target }) => {
        const line = this.lines[this.list.at(target)];
        if (line !== undefined) choose(line.key, twice);
      });
    }
  }

  /** How many fit in sight. */
  get page(): number {
    return this.list.page;
  }

  show(lines: readonly Line[], chosen: string | null): void {
    this.lines = lines;
    const waiting = this.bench.outbox.waiting.filter(({ act }) => act !== "read");
    this.queued = new Map(waiting.map(({ alert, act }) => [alert, act]));
    this.element.setAttribute("aria-rowcount", String(lines.length));
    const at = lines.findIndex(({ key }) => key === chosen);
    this.list.show(lines, at);
  }

  /** Scrolls as little as it takes to have a line in sight. */
  reveal(index: number): void {
    this.list.reveal(index);
  }
}

class Row implements VirtualRow<Line> {
  readonly element: HTMLElement;
  private readonly mark = cell("priority");
  private readonly kind = cell("kind");
  private readonly name = element("b");
  private readonly count = element("span", { class: "count" });
  private readonly drill: HTMLElement;
  private readonly queued = element("span", { class: "tag queued-tag", hidden: true });
  private readonly age = cell("age");
  private readonly place = cell("place");
  private readonly state = cell("state");

  constructor(
    private readonly bench: Bench,
    private readonly words: Words,
    private readonly queuedOf: (alert: string) => string | undefined,
  ) {
    this.drill = element("span", { class: "tag drill", hidden: true });
    write(this.drill, words.say("alert.drill"));
    this.kind.append(this.name, this.count, this.drill, this.queued);
    this.element = element("div", { class: "line", role: "row", hidden: true });
    this.element.append(this.mark, this.kind, this.age, this.place, this.state);
  }

  show(line: Line, index: number): void {
    const { element: box } = this;
    box.setAttribute("aria-rowindex", String(index + 1));
    box.dataset.kind = line.kind;
    if (line.kind === "group") this.showGroup(line);
    else this.showAlert(line.alert, line.level, this.queuedOf(line.alert.id));
  }

  private showAlert(alert: Alert, level: number, queued: string | undefined): void {
    const { words } = this;
    const { names } = this.bench;
    const { element: box } = this;
    const nowMs = this.bench.now();
    box.ariaLevel = String(level);
    box.ariaExpanded = null;
    box.dataset.alert = alert.id;
    box.dataset.state = alert.state;
    this.priority(alert.priority, needsPerson(alert), toldEveryone(alert));
    write(this.name, kindWords(alert, words));
    write(this.count, alert.count > 1 ? `×${alert.count}` : "");
    hide(this.drill, !alert.drill);
    hide(this.queued, queued === undefined);
    const what = queued === undefined ? "" : words.known("act", queued);
    write(this.queued, queued === undefined ? "" : words.say("handling.queued", { what }));
    write(this.age, words.shortAge(Math.max(0, nowMs - alert.openedMs)));
    const site = siteWords(alert, names);
    write(this.place, [placeWords(alert, names, words), site].filter(Boolean).join(" · "));
    const owner = alert.state === "acknowledged" ? ownerOf(alert) : null;
    const said = owner === null ? stateWords(alert, names, words, nowMs) : names.person(owner);
    write(this.state, said);
  }

  private showGroup({ group, open }: Extract<Line, { kind: "group" }>): void {
    const { words } = this;
    const { names } = this.bench;
    const { element: box } = this;
    box.ariaLevel = "1";
    box.ariaExpanded = String(open);
    delete box.dataset.alert;
    delete box.dataset.state;
    this.priority(group.priority, group.waiting > 0, false);
    write(this.name, groupWords(group, names, words));
    write(this.count, "");
    hide(this.drill, true);
    hide(this.queued, true);
    const oldest = Math.min(...group.alerts.map(({ openedMs }) => openedMs));
    write(this.age, words.shortAge(Math.max(0, this.bench.now() - oldest)));
    write(this.place, words.say(open ? "handling.group-open" : "handling.group-folded"));
    write(this.state, "");
  }

  private priority(priority: Alert["priority"], waiting: boolean, everyone: boolean): void {
    const { dataset } = this.element;
    dataset.priority = priority;
    dataset.waiting = String(waiting);
    dataset.everyone = String(everyone);
    this.mark.dataset.priority = priority;
    write(this.mark, this.words.say(`priority.${priority}`));
  }
}

function cell(name: string): HTMLElement {
  return element("span", { class: name, role: "gridcell" });
}
