//! The page that replays a wall: a time line to go along by key, hand or by itself, and what the wall
//! showed then, put there by whom.

import { namesOf } from "../alert/bench";
import { ask } from "../api";
import { nameOf } from "../console/wall/face";
import { element } from "../dom";
import type { Page, Shell } from "../health/shell";
import { part, write } from "../page";
import type { Camera } from "../wire/messages";
import { NOBODY, type People, readPeople } from "../wire/people";
import { Controls, type Drive } from "./controls";
import { TimeLine } from "./line";
import { askChanges, askShowing, type Showing } from "./past";
import { Reel, SPEEDS, type Speed } from "./reel";
import { type Called, sentence } from "./said";
import { Story } from "./story";
import { ShowingView } from "./view";

export class ReplayPage implements Page, Drive {
  private readonly reel: Reel;
  private readonly controls: Controls;
  private readonly line: TimeLine;
  private readonly view: ShowingView;
  private readonly story: Story;
  private readonly moment = element("p", { class: "moment", role: "status" });
  private readonly problem = element("p", { class: "problem", role: "alert" });
  private people: People = NOBODY;
  private byHandle = new Map<number, Camera>();
  private showing: Showing | null = null;
  private tickedMs = performance.now();
  /** What is shown may have ended by now. */
  private stale = false;
  private asking = false;
  private askedMs: number | null = null;
  private loading = 0;

  constructor(
    private readonly shell: Shell,
    private readonly wall: string,
    main: HTMLElement,
  ) {
    const { words } = shell;
    const asked = Date.parse(new URLSearchParams(location.search).get("at") ?? "");
    this.reel = new Reel(Number.isNaN(asked) ? shell.now() : asked, shell.now());
    this.controls = new Controls(words, this);
    this.line = new TimeLine(words, (atMs) => this.go(atMs));
    this.view = new ShowingView(words);
    this.story = new Story(words, (atMs) => this.go(atMs));
    this.title(wall);
    main.className = "replay";
    main.append(this.controls.element, this.problem, this.line.element, this.moment);
    main.append(this.view.element, this.story.element);
    main.append(element("p", { class: "keys" }, words.say("replay.keys")));
    document.addEventListener("keydown", (event) => this.key(event));
    void ask("roster", readPeople).then((answer) => {
      if (answer.ok) this.people = answer.value;
      this.draw();
      this.drawShowing();
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
    if (!this.reel.playing && !other) return;
    if (other) void this.load();
    void this.look();
    this.draw();
  }

  changed(): void {
    this.byHandle = new Map([...this.shell.census.cameras].map((one) => [one.handle, one]));
    this.draw();
    this.drawShowing();
  }

  second(): void {
    this.draw();
  }

  go(atMs: number): void {
    this.moved(this.reel.go(atMs, this.shell.now()));
  }

  now(): void {
    this.go(this.shell.now());
  }

  step(by: 1 | -1): void {
    const { reel } = this;
    reel.playing = false;
    if (reel.step(by)) this.moved(false);
    else this.go(by > 0 ? reel.toMs + 1 : reel.fromMs - 1);
  }

  stretch(hours: number): void {
    this.reel.stretch(hours, this.shell.now());
    this.moved(true);
  }

  toggle(): void {
    this.reel.playing = !this.reel.playing;
    this.draw();
  }

  run(speed: Speed): void {
    this.reel.speed = speed;
    this.reel.playing = true;
    this.draw();
  }

  private title(name: string): void {
    const text = this.shell.words.say("replay.of", { name });
    write(part("title", HTMLElement), text);
    document.title = text;
  }

  private key(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape") {
      location.assign(this.shell.link("/console"));
      return;
    }
    if (this.controls.typing) {
      if (event.key === "Enter") this.controls.type(false);
      return;
    }
    // A button is pressed by the space bar, whatever else that does.
    if (event.key === " " && event.target instanceof HTMLButtonElement) return;
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
      n: () => this.now(),
      g: () => this.controls.type(true),
    };
    const does = speed === undefined ? keys[event.key] : () => this.run(speed);
    if (does === undefined) return;
    event.preventDefault();
    does();
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
    const known = answer.ok ? answer.value : { changes: [], more: false };
    reel.changes = known.changes;
    this.story.tell(known, reel);
    this.draw();
  }

  /** What the wall showed where one is now; one call at a time, and the last wish counts. */
  private async look(): Promise<void> {
    const { showing, reel } = this;
    const holds =
      showing !== null && reel.atMs >= showing.sinceMs && reel.atMs < (showing.untilMs ?? Infinity);
    const known = holds || this.askedMs === reel.atMs;
    if (this.asking || (known && !this.stale)) return;
    this.asking = true;
    this.stale = false;
    const { atMs } = reel;
    this.askedMs = atMs;
    const answer = await askShowing(this.wall, atMs);
    this.asking = false;
    this.tell(answer.ok ? null : answer.why);
    this.showing = answer.ok ? (answer.value ?? null) : null;
    this.drawShowing();
    this.draw();
    if (reel.atMs !== atMs || this.stale) void this.look();
  }

  private tell(why: string | null): void {
    const { words } = this.shell;
    const said = why === null ? "" : words.said(why) || words.say("health.no-answer");
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
    this.view.show(showing, {
      camera: (handle) => this.byHandle.get(handle),
      person: this.called.person,
      alert: (id) => shell.link("/alerts", { a: id }),
    });
  }

  private draw(): void {
    const { reel, showing, called } = this;
    const { words } = this.shell;
    this.line.show(reel);
    this.controls.show(reel);
    const { change } = reel;
    const said = change === undefined ? "" : sentence(change, called, words);
    const parts = [words.dayAndTime(reel.atMs), this.since(), said];
    write(this.moment, parts.filter((text) => text !== "").join(" · "));
    const known = [showing?.revision, this.people.people.length, this.byHandle.size];
    this.story.show(reel, called, known.join(" "));
  }

  /** From when until when what is shown was so. */
  private since(): string {
    const { showing } = this;
    const { words } = this.shell;
    if (showing === null) return "";
    const { sinceMs, untilMs } = showing;
    const until = untilMs === null ? words.say("replay.still") : words.dayAndTime(untilMs);
    return words.say("replay.since", { since: words.dayAndTime(sinceMs), until });
  }
}
