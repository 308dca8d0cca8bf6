//! One alert: what, where, since when, what to do, and what was done.

import { element, hide } from "../dom";
import { tell, write } from "../page";
import type { Alert } from "../wire/alert";
import { type Detail, readDetail } from "../wire/detail";
import { type Act, Acts } from "./acts";
import type { Bench } from "./bench";
import { kindWords, placeWords, sinceWords, siteWords, stateWords } from "./face";
import { Photos } from "./photos";
import { QueuedView } from "./queued";
import { Story } from "./story";

/** A change of the alert that is open is looked at in full after this. */
const SETTLE_MS = 1500;

export class AlertView {
  readonly element = element("article", { class: "alert-view" });
  private readonly drill: HTMLElement;
  private readonly mark = element("span", { class: "priority" });
  private readonly kind = element("h2", { tabindex: -1 });
  private readonly place = element("p", { class: "place" });
  private readonly state = element("p", { class: "state" });
  private readonly facts = element("p", { class: "facts-line" });
  private readonly evidence = element("q");
  private readonly procedure = element("ol", { class: "procedure" });
  private readonly noProcedure: HTMLElement;
  private readonly queued: QueuedView;
  private readonly acts: Acts;
  private readonly photos: Photos;
  private readonly story: Story;
  private readonly health: HTMLAnchorElement;
  private readonly rule = element("p", { class: "rule none" });
  private shown: Alert | null = null;
  private detail: Detail | null = null;
  private fetchedSeq = 0;
  private fetching = false;
  private dueMs = 0;

  constructor(
    private readonly bench: Bench,
    /** A form about the alert was closed. */
    closed: () => void = () => {},
    keys: Readonly<Partial<Record<Act, string>>> = {},
  ) {
    const { words } = bench;
    this.drill = element("p", { class: "drill" }, words.say("alert.drill"));
    this.queued = new QueuedView(bench);
    this.acts = new Acts(bench, closed, keys);
    this.photos = new Photos(bench);
    this.story = new Story(bench);
    this.noProcedure = element("p", { class: "none" });
    this.health = element("a", {}, words.say("detail.health"));
    const title = element("h3", {}, words.say("detail.procedure"));
    const head = element("div", { class: "alert-head" }, this.drill, this.mark, this.kind);
    head.append(this.place, this.state, this.facts);
    const todo = element("section", { class: "todo" }, title, this.procedure, this.noProcedure);
    const words2 = element("p", { class: "evidence" }, this.evidence);
    this.element.append(head, this.queued.element, this.acts.element, todo);
    this.element.append(this.photos.element, words2, this.story.element, this.health, this.rule);
  }

  get id(): string | null {
    return this.shown?.id ?? null;
  }

  /** Somebody is writing something about it. */
  get writing(): boolean {
    return this.acts.writing;
  }

  /** Shows an alert; opening it is reading it. */
  open(alert: Alert): void {
    this.preview(alert);
    this.read();
    this.focus();
  }

  /** It was in front of somebody, who meant to look at it. */
  read(): void {
    const { shown } = this;
    if (shown === null || shown.read !== null || shown.state === "normal") return;
    this.bench.sender.act(shown.id, "read");
  }

  focus(): void {
    this.kind.focus({ preventScroll: true });
  }

  /** Does something about it, or asks for the words that are needed; says whether it can be done. */
  begin(act: Act): boolean {
    return this.acts.begin(act);
  }

  /** Shows an alert that nobody has opened yet. */
  preview(alert: Alert): void {
    this.shown = alert;
    this.detail = null;
    this.fetchedSeq = 0;
    this.dueMs = 0;
    this.story.element.hidden = true;
    this.refresh();
  }

  /** Something may have changed, or time went by. */
  refresh(): void {
    const id = this.shown?.id;
    if (id === undefined) return;
    const alert = this.bench.feed.book.alert(id) ?? this.shown;
    if (alert === null) return;
    this.shown = alert;
    this.draw(alert);
    if (alert.seq > this.fetchedSeq && !this.fetching && performance.now() >= this.dueMs) {
      void this.fetch(alert);
    }
  }

  private draw(alert: Alert): void {
    const { words, names } = this.bench;
    const nowMs = this.bench.now();
    this.element.dataset.alert = alert.id;
    this.element.dataset.state = alert.state;
    this.element.dataset.priority = alert.priority;
    hide(this.drill, !alert.drill);
    this.mark.dataset.priority = alert.priority;
    write(this.mark, words.say(`priority.${alert.priority}`));
    write(this.kind, kindWords(alert, words));
    const site = siteWords(alert, names);
    write(this.place, [placeWords(alert, names, words), site].filter(Boolean).join(" · "));
    write(this.state, stateWords(alert, names, words, nowMs));
    write(this.facts, this.factsOf(alert, nowMs).filter(Boolean).join(" · "));
    tell(this.evidence, alert.evidence, words);
    hide(this.evidence, alert.evidence === "");
    write(this.rule, this.ruleOf(alert));
    this.drawProcedure(alert);
    this.queued.show(alert.id);
    this.acts.show(alert, this.detail?.commentRequired ?? false);
    this.photos.show(alert);
    const [camera] = alert.cameras;
    hide(this.health, camera === undefined);
    if (camera !== undefined) this.health.href = this.bench.link(`/health/${camera}`);
  }

  private factsOf(alert: Alert, nowMs: number): readonly string[] {
    const { words, names } = this.bench;
    const { clearedMs, count, masks, chattering, read } = alert;
    const time = (ms: number): string => words.moment(ms, nowMs);
    return [
      sinceWords(alert, words, nowMs),
      count > 1 ? words.say("alert.count", { n: count }) : "",
      clearedMs === null ? "" : words.say("alert.cleared", { time: time(clearedMs) }),
      masks > 0 ? words.say("alert.masks", { n: masks }) : "",
      chattering ? words.say("alert.chattering") : "",
      read === null
        ? words.say("alert.unread")
        : words.say("alert.read-by", { name: names.person(read.by), time: time(read.atMs) }),
    ];
  }

  private ruleOf({ rule, position }: Alert): string {
    const { words, names } = this.bench;
    const desk = `${words.say("detail.position")}: ${names.position(position)}`;
    return `${desk} · ${words.say("detail.rule")}: ${rule}`;
  }

  private drawProcedure(alert: Alert): void {
    const { words, keep } = this.bench;
    const said = this.detail?.procedure[words.language];
    const key = `${alert.rule}.${words.language}`;
    if (said !== undefined && said !== "") keep.keepProcedure(key, said);
    const steps = (said ?? keep.procedure(key) ?? "").split("\n").filter(Boolean);
    const text = steps.join("\n");
    if (this.procedure.dataset.text !== text) {
      this.procedure.dataset.text = text;
      this.procedure.replaceChildren(...steps.map((step) => element("li", {}, plain(step))));
      this.procedure.classList.toggle("single", steps.length === 1);
    }
    hide(this.noProcedure, steps.length > 0);
    const none = this.detail === null ? "detail.loading" : "detail.no-procedure";
    write(this.noProcedure, words.say(none));
  }

  private async fetch({ id, seq }: Alert): Promise<void> {
    this.fetching = true;
    const answer = await this.bench.call.get(`alerts/${id}`, readDetail);
    this.fetching = false;
    this.dueMs = performance.now() + SETTLE_MS;
    if (!answer.ok || answer.value === undefined || id !== this.shown?.id) return;
    this.fetchedSeq = Math.max(seq, answer.value.alert.seq);
    this.detail = answer.value;
    this.bench.feed.take(answer.value.alert);
    this.story.element.hidden = false;
    this.story.show(answer.value);
    this.refresh();
  }
}

/** Steps that were numbered by whoever wrote them are numbered once. */
function plain(step: string): string {
  return step.replace(/^\s*(?:\d+[.)]|[-•*])\s+/, "");
}
