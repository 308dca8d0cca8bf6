//! The list of alerts: of hundreds only those in sight are in the document. One line is the chosen one.

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
import type { Line } from "./lines";

/** Lines beyond the edge, so that a scroll shows no gap before the next frame. */
const BEYOND = 4;

export class AlertLines {
  /** Scrolls; has the focus. */
  readonly element: HTMLElement;
  private readonly space = element("div", { class: "space", role: "rowgroup" });
  private readonly pool: Row[] = [];
  private lines: readonly Line[] = [];
  private chosen: string | null = null;
  private height = 48;
  private asked = false;

  constructor(
    private readonly bench: Bench,
    private readonly words: Words,
    choose: (key: string, twice: boolean) => void,
  ) {
    this.element = element("div", { class: "alert-lines", role: "treegrid", tabindex: 0 });
    this.element.ariaLabel = words.say("handling.list");
    this.element.append(this.space);
    this.element.addEventListener("scroll", () => this.ask(), { passive: true });
    for (const twice of [false, true]) {
      this.space.addEventListener(twice ? "dblclick" : "click", ({ target }) => {
        const row = target instanceof Element ? target.closest<HTMLElement>(".line") : null;
        if (row?.dataset.key !== undefined) choose(row.dataset.key, twice);
      });
    }
    new ResizeObserver(() => this.measure()).observe(this.element);
  }

  /** How many fit in sight. */
  get page(): number {
    return Math.max(1, Math.floor(this.element.clientHeight / this.height) - 1);
  }

  show(lines: readonly Line[], chosen: string | null): void {
    this.lines = lines;
    this.chosen = chosen;
    this.space.style.height = `${lines.length * this.height}px`;
    this.element.setAttribute("aria-rowcount", String(lines.length));
    this.draw();
  }

  /** Scrolls as little as it takes to have a line in sight. */
  reveal(index: number): void {
    const { scrollTop, clientHeight } = this.element;
    const top = index * this.height;
    if (top < scrollTop) this.element.scrollTop = top;
    else if (top + this.height > scrollTop + clientHeight) {
      this.element.scrollTop = top + this.height - clientHeight;
    }
  }

  private ask(): void {
    if (this.asked) return;
    this.asked = true;
    requestAnimationFrame(() => {
      this.asked = false;
      this.draw();
    });
  }

  private measure(): void {
    const row = this.row(0);
    row.element.hidden = false;
    const { offsetHeight } = row.element;
    if (offsetHeight > 0) this.height = offsetHeight;
    this.show(this.lines, this.chosen);
  }

  private draw(): void {
    const first = Math.max(0, Math.floor(this.element.scrollTop / this.height) - BEYOND);
    const fitting = Math.ceil(this.element.clientHeight / this.height) + 2 * BEYOND;
    const count = Math.max(0, Math.min(fitting, this.lines.length - first));
    const queued = new Map(
      this.bench.outbox.waiting
        .filter(({ act }) => act !== "read")
        .map(({ alert, act }) => [alert, act]),
    );
    let active: string | null = null;
    for (let at = 0; at < Math.max(count, this.pool.length); at += 1) {
      const line = at < count ? this.lines[first + at] : undefined;
      const row = this.row(at);
      if (line === undefined) row.clear();
      else {
        const chosen = line.key === this.chosen;
        row.show(line, first + at, this.height, chosen, queued);
        if (chosen) active = row.element.id;
      }
    }
    if (active === null) this.element.removeAttribute("aria-activedescendant");
    else this.element.setAttribute("aria-activedescendant", active);
  }

  private row(at: number): Row {
    const known = this.pool[at];
    if (known !== undefined) return known;
    const made = new Row(this.bench, this.words, at);
    this.pool.push(made);
    this.space.append(made.element);
    return made;
  }
}

class Row {
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
    at: number,
  ) {
    this.drill = element("span", { class: "tag drill", hidden: true });
    write(this.drill, words.say("alert.drill"));
    this.kind.append(this.name, this.count, this.drill, this.queued);
    this.element = element("div", { class: "line", role: "row", id: `line-${at}`, hidden: true });
    this.element.append(this.mark, this.kind, this.age, this.place, this.state);
  }

  clear(): void {
    hide(this.element, true);
    this.element.ariaSelected = "false";
    delete this.element.dataset.key;
  }

  show(
    line: Line,
    index: number,
    height: number,
    chosen: boolean,
    queued: ReadonlyMap<string, string>,
  ): void {
    const { element: box } = this;
    hide(box, false);
    box.style.transform = `translateY(${index * height}px)`;
    box.setAttribute("aria-rowindex", String(index + 1));
    box.ariaSelected = String(chosen);
    box.dataset.key = line.key;
    box.dataset.kind = line.kind;
    if (line.kind === "group") this.showGroup(line);
    else this.showAlert(line.alert, line.level, queued.get(line.alert.id));
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
