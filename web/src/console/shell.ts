//! The console's frame: both sockets, clocks, who is signed in, cameras and sites as they are, the
//! alerts as they come, the header, and the line that says when none of it is the present.

import { type Bench, namesOf } from "../alert/bench";
import { Call } from "../alert/call";
import { Feed } from "../alert/feed";
import { Keep, openShelf } from "../alert/keep";
import { Outbox } from "../alert/outbox";
import { Sender } from "../alert/sender";
import { ScreenClock, ServerClock } from "../clock";
import { LifeSign } from "../connection";
import { element, fill, hide } from "../dom";
import { chooseTheme, type Theme } from "../draw/theme";
import { Census } from "../health/census";
import { chooseLanguage, type Key, Words } from "../i18n";
import { part, write } from "../page";
import { account, accountView, actsFor } from "../sign-in/account";
import { type Listener, Sockets } from "../sockets";
import { StorageBanner } from "../storage";
import { NOBODY, type People, readPeople } from "../wire/people";
import { ANYBODY, type Me } from "./context";

/** Ages and liveness are judged this often. */
const TICK_MS = 250;
/** Who is on duty changes with the shifts, and by exception at any time. */
const ROSTER_EVERY_S = 60;

/** The pages that are a key away: where, by which words, by which key. */
export const WAYS: readonly (readonly [string, Key, string])[] = [
  ["/", "health.wall", "F7"],
  ["/health", "health.title", "F8"],
  ["/alerts", "desk.title", "F9"],
  ["/alerts/figures", "desk.figures", "F10"],
];

/** What the page inside wants to hear. */
export interface Inside extends Pick<Listener, "control" | "tile" | "video" | "lane"> {
  reconnected(): void;
  subscribable(): void;
  /** Each 250 ms. */
  tick(): void;
  /** Cameras, sites, people or alerts are other ones; at most once per tick. */
  changed(): void;
  second(): void;
}

export class ConsoleShell {
  readonly words: Words;
  readonly theme: Theme;
  readonly census = new Census();
  readonly bench: Bench;
  readonly sockets: Sockets;
  me: Me = ANYBODY;
  private inside: Inside | null = null;
  private people: People = NOBODY;
  private readonly screenClock = new ScreenClock(performance.now(), Date.now());
  private readonly serverClock = new ServerClock();
  private readonly life: LifeSign;
  private readonly storage: StorageBanner;
  private dirty = false;
  private ticks = 0;

  constructor() {
    const query = new URLSearchParams(location.search);
    this.words = new Words(chooseLanguage(query.get("lang"), navigator.languages));
    const light = matchMedia("(prefers-color-scheme: light)").matches;
    this.theme = chooseTheme(query.get("theme"), light);
    document.documentElement.lang = this.words.language;
    document.documentElement.dataset.theme = this.theme.name;
    this.storage = new StorageBanner(this.words);
    const keep = new Keep(openShelf());
    const call = new Call(keep.person);
    const now = (): number => this.screenNow();
    this.life = new LifeSign(now());
    this.sockets = new Sockets(
      location.origin.replace(/^http/, "ws"),
      this.listener(),
      now,
      call.socketQuery("console"),
    );
    this.bench = this.makeBench(keep, call);
    this.header();
    // A page that failed must not go on looking as if it were live.
    window.addEventListener("error", () => {
      document.body.dataset.live = "false";
      write(part("banner-word", HTMLElement), this.words.say("health.not-live"));
      write(part("banner-why", HTMLElement), this.words.say("health.fault"));
      hide(part("banner", HTMLElement), false);
    });
  }

  run(inside: Inside): void {
    this.inside = inside;
    void this.askWho();
    this.tick();
    setInterval(() => this.tick(), TICK_MS);
  }

  /** What the page shows is out of date. */
  touch(): void {
    this.dirty = true;
  }

  /** Time since the page began, milliseconds. */
  screenNow(): number {
    return this.screenClock.now(performance.now(), Date.now());
  }

  /** The service's time once it was heard of, Unix milliseconds. */
  serverNow(): number | null {
    return this.serverClock.at(this.screenNow());
  }

  /** The service's time, as near as it is known, Unix milliseconds. */
  now(): number {
    return this.serverNow() ?? Date.now();
  }

  /** What an operator is called: by the roster, else by the account. */
  get operator(): string {
    const person = this.me.person ?? this.bench.call.person;
    if (person !== null) return this.bench.names.person(person);
    return this.me.name ?? this.words.say("console.nobody");
  }

  /** Another page of ours, in the same language and colours. */
  link(path: string): string {
    const query = new URLSearchParams();
    const here = new URLSearchParams(location.search);
    for (const name of ["lang", "theme"]) {
      const value = here.get(name);
      if (value !== null) query.set(name, value);
    }
    const text = query.toString();
    return text === "" ? path : `${path}?${text}`;
  }

  private makeBench(keep: Keep, call: Call): Bench {
    const { words, census } = this;
    const steady = (): number => performance.now();
    const outbox = new Outbox(keep.shelf);
    const touch = (): void => this.touch();
    const feed = new Feed(call, (message) => this.sockets.sendControl(message), steady, touch);
    const sender = new Sender(outbox, call, steady, (alert) => {
      if (alert !== undefined) feed.take(alert);
      touch();
    });
    const people = (): People => this.people;
    const names = namesOf(
      words,
      people,
      (id) => census.camera(id) ?? null,
      (id) => census.sites.site(id)?.name ?? null,
    );
    const link = (path: string): string => this.link(path);
    const now = (): number => this.now();
    return { words, names, feed, outbox, sender, call, keep, people, now, link };
  }

  private listener(): Listener {
    return {
      reconnected: () => {
        this.serverClock.forget();
        this.bench.feed.ended();
        this.inside?.reconnected();
      },
      control: (message) => {
        if (message.type === "hello" || message.type === "heartbeat") {
          this.life.heartbeat(this.screenNow());
          this.serverClock.hear(this.screenNow(), message.serverTimeMs);
        }
        if (message.type === "hello") this.bench.outbox.hurry();
        this.storage.message(message);
        this.bench.feed.message(message);
        if (this.census.apply(message)) this.touch();
        this.inside?.control(message);
      },
      tile: (header, jpeg, connection) => this.inside?.tile(header, jpeg, connection),
      video: (header, payload, connection) => this.inside?.video(header, payload, connection),
      lane: (notice) => this.inside?.lane(notice),
      // Nothing to do about it here; whoever looks for a cause finds it in the page's body.
      problem: (title) => {
        document.body.dataset.problem = title;
      },
      subscribable: () => this.inside?.subscribable(),
    };
  }

  private tick(): void {
    this.sockets.tick();
    this.bench.feed.tick();
    this.bench.sender.tick();
    const { words } = this;
    this.life.sockets(this.screenNow(), this.sockets.up);
    const life = this.life.judge(this.screenNow());
    document.body.dataset.live = String(life === "live");
    document.body.classList.toggle("not-live", life === "not-live");
    hide(part("banner", HTMLElement), life !== "not-live");
    const closed = words.closed(this.sockets.closeCode);
    const why = [closed, words.say("health.not-live-why")].filter((text) => text !== "");
    write(part("banner-why", HTMLElement), why.join(" "));
    const word = {
      live: "health.live",
      "not-live": "health.not-live",
      starting: "health.starting",
    } as const;
    write(part("life", HTMLElement), words.say(word[life]));
    write(part("clock", HTMLElement), words.timeOfDay(this.now()));
    this.inside?.tick();
    if (this.dirty) {
      this.dirty = false;
      this.inside?.changed();
    }
    if (this.ticks % (1000 / TICK_MS) === 0) this.second();
    this.ticks += 1;
  }

  private second(): void {
    const seconds = this.ticks / (1000 / TICK_MS);
    if (seconds % ROSTER_EVERY_S === 0) void this.askRoster();
    this.sockets.reportProgress();
    if (this.me.name === null) write(part("who", HTMLElement), this.operator);
    this.inside?.second();
  }

  private async askWho(): Promise<void> {
    const session = await account();
    if (session === null) return;
    if (actsFor(session, this.bench.keep)) location.reload();
    this.me = { name: session.user, person: session.person, roles: [session.role] };
    const who = part("who", HTMLElement);
    fill(who, accountView(session, this.words));
    this.touch();
  }

  private async askRoster(): Promise<void> {
    const { call, keep } = this.bench;
    const answer = await call.get("roster", readPeople);
    if (!answer.ok && answer.status === 403 && call.person !== null) {
      keep.person = null;
      location.reload();
    }
    if (!answer.ok) return;
    this.people = answer.value;
    this.touch();
  }

  private header(): void {
    const { words } = this;
    document.title = words.say("console.title");
    write(part("title", HTMLElement), words.say("console.title"));
    write(part("banner-word", HTMLElement), words.say("health.not-live"));
    part("lines", HTMLElement).append(this.storage.element);
    const links = WAYS.map(([path, key, short]) => {
      const link = element("a", { href: this.link(path) }, words.say(key), " ");
      link.append(element("kbd", {}, short));
      return link;
    });
    fill(part("ways", HTMLElement), links);
  }
}
