//! The alert side of the console: the list of alerts, the one that is being handled beside it, and the
//! keyboard between them.

import { Alarm } from "../../alert/alarm";
import { findWords, placeWords, titleWords } from "../../alert/face";
import { isMine, type Me, meOf } from "../../alert/order";
import { Sound } from "../../alert/sound";
import { AlertView } from "../../alert/view";
import { element, hide } from "../../dom";
import { write } from "../../page";
import type { Alert } from "../../wire/alert";
import type { AlertsPart, ConsoleContext } from "../context";
import { Arrival } from "./arrival";
import { Bar } from "./bar";
import { select, TABS, type Wish } from "./filter";
import { ACT_KEYS, type Command, commandOf, HELP } from "./keys";
import { groupOf, keyOf, type Line, linesOf, step } from "./lines";
import { AlertLines } from "./list";

/** A person who goes through the list leaves this between two lines; the one they rest on is shown. */
const REST_MS = 180;
/** What a person chose and has had before them for so long, they have read. */
const READ_MS = 1000;
/** Nothing comes up by itself under a hand that was here so lately. */
const TOUCHED_MS = 10_000;
/** Whoever has touched nothing of the page for so long handles nothing. */
const GONE_MS = 120_000;

/** Fills `root`, which has the focus ring, the place and the scrolling of a region. */
export function mountAlerts(root: HTMLElement, context: ConsoleContext): AlertsPart {
  return new Handling(root, context);
}

class Handling implements AlertsPart {
  private readonly bar: Bar;
  private readonly list: AlertLines;
  private readonly view: AlertView;
  private readonly beside = element("div", { class: "alert-beside", hidden: true });
  private readonly none = element("p", { class: "none" });
  private readonly said = element("p", { class: "said", role: "status" });
  private readonly alarm = new Alarm();
  private readonly sound = new Sound();
  private readonly arrival = new Arrival();
  private readonly unfolded = new Set<string>();
  private wish: Wish = { tab: "open", search: "" };
  private lines: readonly Line[] = [];
  /** The chosen line, and where it stood when it was last in the list. */
  private chosen: string | null = null;
  private place = 0;
  /** The alert that is shown, and whether a person chose it. */
  private alert: string | null = null;
  private byPerson = false;
  private openedMs = 0;
  private movedMs = Number.NEGATIVE_INFINITY;
  private resting: ReturnType<typeof setTimeout> | null = null;
  private touchedMs = Number.NEGATIVE_INFINITY;
  private pageTouchedMs = Number.NEGATIVE_INFINITY;
  private wasFlooded = false;

  constructor(
    root: HTMLElement,
    private readonly context: ConsoleContext,
  ) {
    const { words, bench } = context;
    this.bar = new Bar(
      words,
      bench,
      (wish) => this.filter(wish),
      () => void this.sound.unlock(),
    );
    this.list = new AlertLines(bench, words, (key, twice) => {
      this.choose(key, true);
      if (twice) this.open();
    });
    this.view = new AlertView(bench, () => this.focus(), ACT_KEYS);
    write(this.none, words.say("handling.none"));
    const left = element("div", { class: "alert-left" }, this.bar.element, this.list.element);
    left.append(this.none);
    this.beside.append(this.said, this.view.element);
    root.classList.add("alert-side");
    // What is inside is laid out by the width that the page gives.
    root.append(element("div", { class: "alert-panes" }, left, this.beside));
    root.addEventListener("keydown", (event) => this.key(event));
    for (const hand of ["pointerdown", "wheel"] as const) {
      root.addEventListener(hand, () => this.touch(), { passive: true });
    }
    for (const touch of ["pointerdown", "keydown"] as const) {
      addEventListener(touch, () => this.heard(), { capture: true });
    }
    context.help(
      words.say("desk.title"),
      HELP.map(([keys, does]) => ({ keys, does: words.say(does) })),
    );
  }

  changed(): void {
    this.draw();
    this.arrive();
    const loud = this.alarm.judge(this.mine);
    this.sound.ring(loud);
    document.body.dataset.ringing = String(loud);
    this.view.refresh();
  }

  second(): void {
    this.draw();
    this.view.refresh();
    this.arrive();
    this.readIfSeen();
    const live = document.body.dataset.live === "true";
    const rings = document.body.dataset.ringing === "true";
    this.bar.state(live, rings, this.sound.ready);
  }

  focus(): void {
    this.list.element.focus();
    // Whoever comes here by key has a line under the hand at once.
    if (this.chosen === null && this.lines.length > 0) this.move(() => 0);
  }

  /** Who looks: the account's person, else who was chosen on this browser. */
  private get me(): Me {
    const { bench, me } = this.context;
    return meOf(me().person ?? bench.call.person, bench.people());
  }

  private get mine(): readonly Alert[] {
    const { me } = this;
    return this.context.bench.feed.book.open.filter((alert) => isMine(alert, me));
  }

  private draw(): void {
    const { bench, words } = this.context;
    const { book, floods, follower } = bench.feed;
    const text = (alert: Alert): string => findWords(alert, bench.names, words);
    const { shown, counts } = select(book.all, this.wish, this.me, text);
    const flooded = shown.some(({ position }) => floods.has(position));
    // What was chosen stays in sight when groups close over it.
    if (flooded && !this.wasFlooded && this.alert !== null) {
      const group = groupOf(shown, this.alert);
      if (group !== null) this.unfolded.add(group);
    }
    this.wasFlooded = flooded;
    document.body.dataset.flood = String(flooded);
    this.lines = linesOf(shown, flooded, this.unfolded);
    const at = this.lines.findIndex(({ key }) => key === this.chosen);
    if (at >= 0) this.place = at;
    this.list.show(this.lines, this.chosen);
    this.bar.show(counts, this.wish, this.alert);
    hide(this.none, shown.length > 0 || follower.listing);
  }

  private filter(wish: Partial<Wish>): void {
    this.wish = { ...this.wish, ...wish };
    this.list.element.scrollTop = 0;
    this.draw();
  }

  /** Chooses a line; `person`: by hand, not because it came. */
  private choose(key: string, person: boolean): void {
    this.chosen = key;
    const at = this.lines.findIndex((line) => line.key === key);
    if (at >= 0) {
      this.place = at;
      this.list.reveal(at);
    }
    this.list.show(this.lines, key);
    const line = this.lines[at];
    if (line?.kind !== "alert") return;
    this.rest(line.alert, person);
  }

  /** Shows the line on which somebody rests: at once the first, then the last of those passed over. */
  private rest(alert: Alert, person: boolean): void {
    if (this.resting !== null) clearTimeout(this.resting);
    this.resting = null;
    const now = performance.now();
    const rested = now - this.movedMs >= REST_MS;
    this.movedMs = now;
    if (rested) this.show(alert, person);
    else this.resting = setTimeout(() => this.show(alert, person), REST_MS);
  }

  /** Nothing that is done concerns another alert than the chosen one. */
  private settle(): void {
    const line = this.lines.find(({ key }) => key === this.chosen);
    if (line?.kind !== "alert") return;
    if (this.alert !== line.alert.id) this.show(line.alert, true);
  }

  private show(alert: Alert, person: boolean): void {
    if (this.resting !== null) clearTimeout(this.resting);
    this.resting = null;
    this.openedMs = performance.now();
    this.byPerson = person;
    const other = this.alert !== alert.id;
    this.alert = alert.id;
    hide(this.beside, false);
    write(this.said, person ? "" : this.context.words.say("handling.by-itself"));
    if (!other) return;
    this.view.preview(alert);
    this.beside.scrollTop = 0;
    const { words, bench } = this.context;
    const why = `${titleWords(alert, words)} – ${placeWords(alert, bench.names, words)}`;
    if (alert.cameras.length > 0) this.context.showCameras(alert.cameras, why);
  }

  /** A new high alert comes up by itself, while nobody handles another. */
  private arrive(): void {
    const { feed } = this.context.bench;
    if (feed.follower.listing) return;
    const now = performance.now();
    const open = this.alert === null ? undefined : feed.book.alert(this.alert);
    const handling =
      this.byPerson && open?.state !== "normal" && now - this.pageTouchedMs < GONE_MS;
    const busy = this.view.writing || now - this.touchedMs < TOUCHED_MS || handling;
    const alert = this.arrival.judge(this.mine, busy, now);
    if (alert === null) return;
    this.chosen = keyOf(alert);
    this.show(alert, false);
    this.draw();
    this.list.reveal(this.place);
  }

  /** Choosing an alert and resting on it is reading it; that it came up by itself is not. */
  private readIfSeen(): void {
    const seen = performance.now() - this.openedMs >= READ_MS;
    if (this.byPerson && seen && this.resting === null && document.hasFocus()) this.view.read();
  }

  private touch(): void {
    this.touchedMs = performance.now();
    // The hand is on it now.
    if (this.alert !== null && keyOf({ id: this.alert }) === this.chosen) {
      this.byPerson = true;
      write(this.said, "");
    }
  }

  /** Any touch of the page silences what rings, and lets it make sound. */
  private heard(): void {
    this.pageTouchedMs = performance.now();
    void this.sound.unlock();
    this.alarm.touch();
    this.sound.ring(false);
    document.body.dataset.ringing = "false";
  }

  private key(event: KeyboardEvent): void {
    this.touch();
    const { target } = event;
    if (event.defaultPrevented || event.isComposing || !(target instanceof HTMLElement)) return;
    const typing = target.matches("input, textarea, select");
    if (typing) {
      // What somebody writes is nobody's command.
      if (target !== this.bar.search) return;
      if (event.key === "Enter" || event.key === "ArrowDown") this.focus();
      else if (event.key === "Escape") {
        this.filter({ search: "" });
        this.focus();
      } else return;
      event.preventDefault();
      return;
    }
    const command = commandOf(event);
    if (command === null || !this.obey(command, target)) return;
    event.preventDefault();
    event.stopPropagation();
  }

  /** Says whether the key was for us. */
  private obey(command: Command, target: HTMLElement): boolean {
    const inList = target === this.list.element;
    const last = this.lines.length - 1;
    switch (command.do) {
      case "act":
        this.act(command);
        return true;
      case "search":
        this.bar.search.focus();
        this.bar.search.select();
        return true;
      case "back":
        return this.back(inList);
      case "tab":
        this.filter({ tab: TABS[(TABS.indexOf(this.wish.tab) + 1) % TABS.length] ?? "open" });
        return true;
      case "move":
        // Arrows scroll what is read beside the list.
        if (this.beside.contains(target)) return false;
        this.move(() => step(this.lines, this.chosen, this.place, command.by));
        return true;
    }
    if (!inList) return false;
    const page = this.list.page;
    switch (command.do) {
      case "first":
        this.move(() => 0);
        break;
      case "last":
        this.move(() => last);
        break;
      case "page-down":
        this.move(() => step(this.lines, this.chosen, this.place, page));
        break;
      case "page-up":
        this.move(() => step(this.lines, this.chosen, this.place, -page));
        break;
      case "open":
        this.open();
        break;
      default:
        this.fold(command.do === "unfold");
    }
    return true;
  }

  private move(to: () => number): void {
    const line = this.lines[to()];
    if (line !== undefined) this.choose(line.key, true);
  }

  private act({ act }: Extract<Command, { do: "act" }>): void {
    const { words } = this.context;
    this.settle();
    const line = this.lines.find(({ key }) => key === this.chosen);
    // What left the list may still be commented on; a group is nobody's alert.
    const known = line?.kind === "group" ? null : this.alert;
    const done = known !== null && this.view.begin(act);
    const what = words.say(`act.${act}`);
    write(this.said, done ? "" : words.say("handling.not-now", { what }));
    this.draw();
    this.view.refresh();
  }

  private open(): void {
    const line = this.lines.find(({ key }) => key === this.chosen);
    if (line?.kind === "group") this.fold(!line.open);
    else if (line !== undefined) {
      this.settle();
      this.view.focus();
    }
  }

  private fold(open: boolean): void {
    const at = this.lines.findIndex(({ key }) => key === this.chosen);
    const line = this.lines[at];
    if (line === undefined) return;
    if (line.kind === "group") {
      if (open) this.unfolded.add(line.key);
      else this.unfolded.delete(line.key);
      this.draw();
    } else if (line.level === 2 && !open) {
      // First to the group that it is in.
      const head = this.lines.slice(0, at).findLast(({ kind }) => kind === "group");
      if (head !== undefined) this.choose(head.key, true);
    }
  }

  private back(inList: boolean): boolean {
    if (!inList) this.focus();
    else if (this.wish.search !== "") this.filter({ search: "" });
    else this.context.leave();
    return true;
  }
}
