//! The page that replays a wall: a time line to go along by key, hand or by itself, and what the wall
//! showed then, put there by whom.

import { namesOf } from "../alert/bench";
import { ask } from "../api";
import { nameOf } from "../console/wall/face";
import { element, fill } from "../dom";
import type { Page, Shell } from "../health/shell";
import { fromField, toField } from "../health/times";
import { part, write } from "../page";
import type { Camera } from "../wire/messages";
import { NOBODY, type People, readPeople } from "../wire/people";
import { TimeLine } from "./line";
import { askChanges, askShowing, type Showing } from "./past";
import { Reel, SPANS_H, SPEEDS, type Speed } from "./reel";
import { type Called, sentence } from "./said";
import { ShowingView } from "./view";

/** Changes in the list around the one that holds: a busy day has thousands. */
const AROUND = 40;

export class ReplayPage implements Page {
  private readonly reel: Reel;
  private readonly line: TimeLine;
  private readonly view: ShowingView;
  private readonly when = element("input", { type: "datetime-local", id: "when", step: 1 });
  private readonly play = element("button", { type: "button", id: "play" });
  private readonly speeds = new Map<Speed, HTMLButtonElement>();
  private readonly spans = new Map<number, HTMLButtonElement>();
  private readonly now = element("p", { class: "moment", role: "status" });
  private readonly count = element("p", { class: "none" });
  private readonly list = element("ol", { class: "changes" });
  private readonly problem = element("p", { class: "problem", role: "alert" });
  private people: People = NOBODY;
  private byHandle = new Map<number, Camera>();
  private showing: Showing | null = null;
  private tickedMs = performance.now();
  /** What is shown may have ended by now. */
  private stale = false;
  private asking = false;
  private asked: number | null = null;
  private loading = 0;

  constructor(
    private readonly shell: Shell,
    private readonly wall: string,
    main: HTMLElement,
  ) {
    const { words } = shell;
    const asked = Date.parse(new URLSearchParams(location.search).get("at") ?? "");
    this.reel = new Reel(Number.isNaN(asked) ? shell.now() : asked, shell.now());
    this.line = new TimeLine(words, (atMs) => this.go(atMs));
    this.view = new ShowingView(words);
    this.title(wall);
    main.className = "replay";
    main.append(this.controls(), this.problem, this.line.element, this.now, this.view.element);
    const list = element("section", { class: "story" });
    list.append(element("h2", {}, words.say("replay.changes")), this.count, this.list);
    main.append(list, element("p", { class: "keys" }, words.say("replay.keys")));
    document.addEventListener("keydown", (event) => this.key(event));
    void ask("roster", readPeople).then((answer) => {
      if (answer.ok) this.people = answer.value;
      this.draw();
    });
    void this.load();
    void this.look();
    this.draw();
  }

  /** The wall changed just now. */
  grown(): void {
    this.stale = true;
    void this.load();
    void this.look();
  }

  /** Called a few times a second. */
  tick(): void {
    const now = performance.now();
    const other = this.reel.tick(now - this.tickedMs, this.shell.now());
    this.tickedMs = now;
    if (other) void this.load();
    // A moment that came on its own is looked at anew only when something has changed by then.
    void this.look();
    if (this.reel.playing) this.draw();
  }

  changed(): void {
    this.byHandle = new Map([...this.shell.census.cameras].map((one) => [one.handle, one]));
    this.draw();
    this.drawShowing();
  }

  second(): void {
    this.draw();
  }

  private title(name: string): void {
    const text = this.shell.words.say("replay.of", { name });
    write(part("title", HTMLElement), text);
    document.title = text;
  }

  private controls(): HTMLElement {
    const { words } = this.shell;
    const button = (text: string, does: () => void, key: string): HTMLButtonElement => {
      const made = element("button", { type: "button" }, text);
      made.setAttribute("aria-keyshortcuts", key);
      made.addEventListener("click", does);
      return made;
    };
    const label = element("label", {}, `${words.say("replay.at")} `, this.when);
    this.when.addEventListener("change", () => {
      const at = fromField(this.when.value);
      if (at !== null) this.go(at);
    });
    this.play.setAttribute("aria-keyshortcuts", "Space");
    this.play.addEventListener("click", () => this.toggle());
    const speeds = element("div", { class: "choice", role: "group" });
    speeds.ariaLabel = words.say("replay.speeds");
    SPEEDS.forEach((speed, at) => {
      const made = button(`${speed}×`, () => this.run(speed), String(at + 1));
      this.speeds.set(speed, made);
      speeds.append(made);
    });
    const spans = element("div", { class: "choice", role: "group" });
    spans.ariaLabel = words.say("replay.spans");
    for (const hours of SPANS_H) {
      const made = button(words.say("replay.span", { n: hours }), () => this.stretch(hours), "");
      made.removeAttribute("aria-keyshortcuts");
      this.spans.set(hours, made);
      spans.append(made);
    }
    return element(
      "div",
      { class: "controls" },
      button(`← ${words.say("replay.before")}`, () => this.step(-1), "ArrowLeft"),
      this.play,
      button(`${words.say("replay.next")} →`, () => this.step(1), "ArrowRight"),
      speeds,
      label,
      button(words.say("replay.now"), () => this.go(this.shell.now()), "n"),
      spans,
    );
  }

  private key(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape") {
      location.assign(this.shell.link("/console"));
      return;
    }
    const { target } = event;
    if (target === this.when) {
      if (event.key === "Enter") this.when.blur();
      return;
    }
    // A button is pressed by the space bar, whatever else that does.
    if (event.key === " " && target instanceof HTMLButtonElement) return;
    const { reel } = this;
    const speed = SPEEDS[Number(event.key) - 1];
    const span = reel.toMs - reel.fromMs;
    const keys: Readonly<Record<string, () => void>> = {
      ArrowLeft: () => this.step(-1),
      ArrowRight: () => this.step(1),
      Home: () => this.go(reel.fromMs),
      End: () => this.go(reel.toMs),
      PageUp: () => this.go(reel.atMs - span),
      PageDown: () => this.go(reel.atMs + span),
      " ": () => this.toggle(),
      n: () => this.go(this.shell.now()),
      g: () => this.when.focus(),
    };
    const does = speed === undefined ? keys[event.key] : () => this.run(speed);
    if (does === undefined) return;
    event.preventDefault();
    does();
  }

  private go(atMs: number): void {
    const other = this.reel.go(atMs, this.shell.now());
    this.moved(other);
  }

  private step(by: 1 | -1): void {
    const { reel } = this;
    reel.playing = false;
    if (reel.step(by)) this.moved(false);
    else this.go(by > 0 ? reel.toMs + 1 : reel.fromMs - 1);
  }

  private stretch(hours: number): void {
    this.reel.stretch(hours, this.shell.now());
    this.moved(true);
  }

  private toggle(): void {
    this.reel.playing = !this.reel.playing;
    this.draw();
  }

  private run(speed: Speed): void {
    this.reel.speed = speed;
    this.reel.playing = true;
    this.draw();
  }

  private moved(other: boolean): void {
    const query = new URLSearchParams(location.search);
    query.set("at", new Date(this.reel.atMs).toISOString());
    // A link that is copied shows the same moment.
    history.replaceState(null, "", `?${query}`);
    if (other) void this.load();
    void this.look();
    this.draw();
  }

  /** The changes of the time that is laid out. */
  private async load(): Promise<void> {
    this.loading += 1;
    const { loading, reel } = this;
    const answer = await askChanges(this.wall, reel.fromMs, reel.toMs + 1);
    if (loading !== this.loading) return;
    this.tell(answer.ok ? null : answer.why);
    reel.changes = answer.ok ? answer.value.changes : [];
    const { words } = this.shell;
    const [from, to] = [words.dayAndTime(reel.fromMs), words.dayAndTime(reel.toMs)];
    const count = words.say("replay.count", { n: reel.changes.length, from, to });
    const more = answer.ok && answer.value.more ? ` ${words.say("replay.more")}` : "";
    write(this.count, reel.changes.length === 0 ? words.say("replay.none") : count + more);
    this.draw();
  }

  /** What the wall showed where one is now; one call at a time, and the last wish counts. */
  private async look(): Promise<void> {
    const { showing, reel } = this;
    const holds =
      showing !== null && reel.atMs >= showing.sinceMs && reel.atMs < (showing.untilMs ?? Infinity);
    const known = holds || this.asked === reel.atMs;
    if (this.asking || (known && !this.stale)) return;
    this.asking = true;
    this.stale = false;
    const atMs = reel.atMs;
    this.asked = atMs;
    const answer = await askShowing(this.wall, atMs);
    this.asking = false;
    this.tell(answer.ok ? null : answer.why);
    this.showing = answer.ok ? (answer.value ?? null) : null;
    this.drawShowing();
    this.draw();
    if (this.reel.atMs !== atMs || this.stale) void this.look();
  }

  private tell(why: string | null): void {
    const { words } = this.shell;
    const said = why === null ? "" : why || words.say("health.no-answer");
    write(this.problem, said === "" ? "" : words.say("health.failed", { why: said }));
  }

  private get called(): Called {
    const { census, words } = this.shell;
    const names = namesOf(words, () => this.people);
    const plan = this.showing?.plan;
    return {
      camera: (id) => nameOf(census.camera(id)) ?? id,
      person: names.person,
      screen: (id) => {
        const screen = plan?.screens.find((one) => one.id === id);
        return plan !== undefined && plan.screens.length > 1 ? (screen?.name ?? id) : "";
      },
      preset: (id) => plan?.presets.find((one) => one.id === id)?.name ?? id,
    };
  }

  private drawShowing(): void {
    const { showing, shell } = this;
    document.body.dataset.revision = String(showing?.revision ?? "");
    if (showing === null) return;
    this.title(showing.plan.name);
    const { person } = this.called;
    this.view.show(showing, {
      camera: (handle) => this.byHandle.get(handle),
      person,
      alert: (id) => shell.link("/alerts", { a: id }),
    });
  }

  private draw(): void {
    const { reel, showing } = this;
    const { words } = this.shell;
    this.line.show(reel);
    if (document.activeElement !== this.when) this.when.value = toFieldOfSeconds(reel.atMs);
    write(this.play, words.say(reel.playing ? "replay.pause" : "replay.play"));
    document.body.dataset.playing = String(reel.playing);
    document.body.dataset.at = String(Math.round(reel.atMs));
    for (const [speed, button] of this.speeds) button.ariaPressed = String(speed === reel.speed);
    for (const [hours, button] of this.spans) button.ariaPressed = String(hours === reel.spanH);
    const since =
      showing === null
        ? ""
        : words.say("replay.since", {
            since: words.dayAndTime(showing.sinceMs),
            until:
              showing.untilMs === null
                ? words.say("replay.still")
                : words.dayAndTime(showing.untilMs),
          });
    const { change } = reel;
    const said = change === undefined ? "" : sentence(change, this.called, words);
    write(
      this.now,
      [words.dayAndTime(reel.atMs), since, said].filter((text) => text !== "").join(" · "),
    );
    this.drawList();
  }

  private drawList(): void {
    const { reel } = this;
    const { words } = this.shell;
    const { change } = reel;
    const at = change === undefined ? 0 : reel.changes.indexOf(change);
    const shown = reel.changes.slice(Math.max(0, at - AROUND), at + AROUND);
    const key = `${shown[0]?.revision}-${shown.at(-1)?.revision}-${change?.revision}-${this.showing?.revision}-${this.people.people.length}-${this.byHandle.size}`;
    if (this.list.dataset.key === key) return;
    this.list.dataset.key = key;
    const { called } = this;
    fill(
      this.list,
      shown.map((one) => {
        const text = sentence(one, called, words);
        const button = element("button", { type: "button", tabindex: -1 });
        button.append(element("time", {}, words.timeOfDay(one.atMs)), ` ${text}`);
        button.addEventListener("click", () => this.go(one.atMs));
        const line = element("li", { "data-revision": one.revision }, button);
        if (one === change) line.setAttribute("aria-current", "true");
        return line;
      }),
    );
    const current = this.list.querySelector<HTMLElement>('[aria-current="true"]');
    if (current !== null) this.list.scrollTop = current.offsetTop - this.list.clientHeight / 2;
  }
}

/** As a `datetime-local` field has it, with seconds. */
function toFieldOfSeconds(unixMs: number): string {
  const seconds = Math.floor(unixMs / 1000) % 60;
  return `${toField(unixMs)}:${String(seconds).padStart(2, "0")}`;
}
