//! Maintenance: what is out of service until when, ending it early, and the form that orders it.

import { ask, order } from "../api";
import { element, fill, hide } from "../dom";
import type { Key } from "../i18n";
import { write } from "../page";
import { type ListedOrder, readOrders } from "../wire/health";
import { readableScope, type ScopeKind, scopeOf } from "./scope";
import type { Shell } from "./shell";
import { fromField, toField } from "./times";

const HOUR_MS = 3_600_000;
/** Offered lengths. */
const HOURS = [1, 4, 24] as const;
const KINDS: readonly ScopeKind[] = ["camera", "site", "tag", "all"];
/** Orders end by themselves, and others give some, too. */
const ASK_EVERY_S = 30;

export class Orders {
  readonly element: HTMLElement;
  private readonly list = element("ul", { class: "orders" });
  private readonly none: HTMLElement;
  private readonly problem = element("p", { class: "problem", role: "alert" });
  private readonly form: OrderForm;
  private known: readonly ListedOrder[] = [];
  private seconds = 0;
  private drawn = "";

  constructor(private readonly shell: Shell) {
    const { words } = shell;
    this.none = element("p", { class: "none" }, words.say("order.none"));
    this.form = new OrderForm(shell, null, () => void this.fetch());
    const title = element("h2", {}, words.say("order.title"));
    this.element = element("section", { id: "orders" }, title, this.none, this.list, this.problem);
    this.element.append(this.form.element);
  }

  changed(): void {
    this.form.changed();
    this.draw();
  }

  second(): void {
    if (this.seconds % ASK_EVERY_S === 0) void this.fetch();
    this.seconds += 1;
  }

  private async fetch(): Promise<void> {
    const answer = await ask("maintenance", readOrders);
    if (!answer.ok) return;
    this.known = answer.value;
    this.draw();
  }

  private draw(): void {
    const { words, census } = this.shell;
    // Drawn anew only where that says something else: a button must not go from under a finger.
    const names = this.known.map(({ scope }) => readableScope(scope, census, words));
    const key = JSON.stringify([this.known, names, words.moment(this.shell.now(), 0).slice(0, 5)]);
    if (key === this.drawn) return;
    this.drawn = key;
    hide(this.none, this.known.length > 0);
    fill(
      this.list,
      this.known.map((one) => this.line(one)),
    );
  }

  private line({ id, scope, untilMs, reason, by }: ListedOrder): HTMLElement {
    const { words, census } = this.shell;
    const until =
      untilMs === null ? "" : words.say("order.until-time", { time: words.moment(untilMs) });
    const said = [reason, by === "" ? "" : words.say("order.by", { by })];
    const end = element("button", { type: "button", class: "end" }, words.say("order.end"));
    end.addEventListener("click", () => void this.end(id, end));
    return element(
      "li",
      { "data-order": id },
      element("b", {}, readableScope(scope, census, words)),
      element("span", {}, until),
      element("small", {}, said.filter((part) => part !== "").join(" – ")),
      end,
    );
  }

  private async end(id: number, button: HTMLButtonElement): Promise<void> {
    button.disabled = true;
    const answer = await order("DELETE", `maintenance/${id}`);
    const { words } = this.shell;
    const why = answer.ok ? "" : words.said(answer.why) || words.say("health.no-answer");
    write(this.problem, answer.ok ? "" : words.say("health.failed", { why }));
    button.disabled = false;
    await this.fetch();
  }
}

/** Asks for scope, end and reason. */
export class OrderForm {
  readonly element: HTMLDetailsElement;
  private readonly kind: HTMLSelectElement;
  private readonly camera: HTMLInputElement;
  private readonly cameras = element("datalist", { id: "cameras" });
  private readonly place: HTMLSelectElement;
  private readonly until: HTMLInputElement;
  private readonly reason: HTMLInputElement;
  private readonly problem = element("p", { class: "problem", role: "alert" });
  private readonly submit: HTMLButtonElement;
  private offered = "";

  constructor(
    private readonly shell: Shell,
    /** The one camera that it is about, where there is no choice. */
    private readonly only: string | null,
    private readonly done: () => void,
  ) {
    const say = (key: Key): string => shell.words.say(key);
    this.kind = element("select", { name: "kind", "aria-label": say("order.kind") });
    for (const kind of KINDS)
      this.kind.append(element("option", { value: kind }, say(`order.${kind}`)));
    this.kind.addEventListener("change", () => this.offer());
    const which = say("order.which");
    this.camera = element("input", {
      name: "camera",
      list: "cameras",
      autocomplete: "off",
      "aria-label": which,
    });
    this.place = element("select", { name: "place", "aria-label": which });
    this.until = element("input", { name: "until", type: "datetime-local", required: true });
    this.reason = element("input", { name: "reason", maxlength: 200, required: true });
    this.submit = element("button", { type: "submit", class: "main" }, say("order.submit"));
    const hours = element("span", { class: "hours" });
    for (const n of HOURS) {
      const button = element("button", { type: "button" }, shell.words.say("order.hours", { n }));
      button.addEventListener("click", () => this.last(n * HOUR_MS));
      hours.append(button);
    }
    const form = element("form", {});
    if (only === null) {
      const scope = element("label", {}, say("order.kind"), this.kind);
      form.append(scope, this.camera, this.cameras, this.place);
    }
    form.append(
      element("label", {}, say("order.until"), this.until),
      hours,
      element("label", {}, say("order.reason"), this.reason),
      this.submit,
      this.problem,
    );
    form.noValidate = true;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.send();
    });
    this.element = element("details", { class: "order-form" });
    this.element.append(element("summary", {}, say("order.new")), form);
    this.element.addEventListener("toggle", () => {
      if (this.element.open && this.until.value === "") this.last(2 * HOUR_MS);
    });
    this.offer();
  }

  /** Other cameras, sites or tags can be chosen. */
  changed(): void {
    this.offer();
  }

  private last(ms: number): void {
    this.until.value = toField(this.shell.now() + ms);
  }

  private offer(): void {
    const { census } = this.shell;
    const kind = this.kind.value as ScopeKind;
    this.camera.hidden = kind !== "camera";
    this.place.hidden = kind !== "site" && kind !== "tag";
    const option = (value: string, text: string): HTMLOptionElement =>
      element("option", { value }, text);
    const choices: readonly (readonly [string, string])[] =
      kind === "site"
        ? census.sites.tree.map(({ site, depth }) => [
            site.id,
            `${"\u2003".repeat(depth)}${site.name}`,
          ])
        : kind === "tag"
          ? census.tags.map((tag) => [tag, tag])
          : [...census.cameras].map(({ id, number, name }) => [id, `${number} ${name}`]);
    const key = `${kind}|${choices.flat().join("|")}`;
    if (key === this.offered) return;
    this.offered = key;
    const chosen = this.place.value;
    const options = choices.map(([value, text]) => option(value, text));
    if (kind === "camera") fill(this.cameras, options);
    else fill(this.place, options);
    if (choices.some(([value]) => value === chosen)) this.place.value = chosen;
  }

  private async send(): Promise<void> {
    const { words, census } = this.shell;
    const kind = this.kind.value as ScopeKind;
    const which = kind === "camera" ? this.camera.value : this.place.value;
    const scope = this.only ?? scopeOf(kind, which, census);
    const untilMs = fromField(this.until.value);
    const reason = this.reason.value.trim();
    const fault: Key | null =
      scope === null
        ? "order.need-which"
        : untilMs === null || untilMs <= this.shell.now()
          ? "order.past"
          : reason === ""
            ? "order.need-reason"
            : null;
    write(this.problem, fault === null ? "" : words.say(fault));
    if (fault !== null || untilMs === null) return;
    this.submit.disabled = true;
    const answer = await order("POST", "maintenance", { scope, until: untilMs * 1000, reason });
    this.submit.disabled = false;
    if (!answer.ok) {
      const why = words.said(answer.why) || words.say("health.no-answer");
      write(this.problem, words.say("health.failed", { why }));
      return;
    }
    this.reason.value = "";
    this.camera.value = "";
    this.element.open = false;
    this.done();
  }
}
