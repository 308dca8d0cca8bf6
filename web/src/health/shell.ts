//! What both health pages have: words, theme, the control socket, the header, and the line that
//! says when the page no longer shows the present.

import { ScreenClock, ServerClock } from "../clock";
import { LifeSign } from "../connection";
import { ControlSocket } from "../control";
import { element, hide } from "../dom";
import { chooseTheme, type Theme } from "../draw/theme";
import { chooseLanguage, Words } from "../i18n";
import { part, write } from "../page";
import { account, accountView } from "../sign-in/account";
import type { Session } from "../sign-in/call";
import { StorageBanner } from "../storage";
import type { ServerMessage } from "../wire/messages";
import { Census } from "./census";

/** Ages and liveness are judged this often. */
const TICK_MS = 250;

/** A page inside the shell. */
export interface Page {
  /** Cameras or sites are other ones than before, at most once per tick. */
  changed(): void;
  /** A second went by. */
  second(): void;
}

/** What else a page wants of the control socket. */
export interface Following {
  /** Who one is, as `?person=…`. */
  readonly query: string;
  message(message: ServerMessage): void;
  ended(): void;
  tick(): void;
}

export class Shell {
  readonly words: Words;
  readonly theme: Theme;
  readonly census = new Census();
  /** Whoever is signed in; `null` where there is no sign-in. */
  readonly account: Promise<Session | null>;
  private page: Page | null = null;
  private readonly screenClock = new ScreenClock(performance.now(), Date.now());
  private readonly serverClock = new ServerClock();
  private readonly life: LifeSign;
  private readonly control: ControlSocket;
  private dirty = false;
  private ticks = 0;

  constructor(private readonly following: Following | null = null) {
    const query = new URLSearchParams(location.search);
    this.words = new Words(chooseLanguage(query.get("lang"), navigator.languages));
    const light = matchMedia("(prefers-color-scheme: light)").matches;
    this.theme = chooseTheme(query.get("theme"), light);
    document.documentElement.lang = this.words.language;
    document.documentElement.dataset.theme = this.theme.name;
    part("wall", HTMLAnchorElement).textContent = this.words.say("health.wall");
    part("wall", HTMLAnchorElement).href = this.link("/");
    const alerts = part("alerts", HTMLAnchorElement);
    alerts.textContent = this.words.say("desk.title");
    alerts.href = this.link("/alerts");
    const desk = element("a", { href: this.link("/console") }, this.words.say("console.title"));
    part("wall", HTMLAnchorElement).before(desk);
    const storage = new StorageBanner(this.words);
    part("banner", HTMLElement).before(storage.element);
    write(part("banner-word", HTMLElement), this.words.say("health.not-live"));
    write(part("banner-why", HTMLElement), this.words.say("health.not-live-why"));
    const now = (): number => this.screenNow();
    this.life = new LifeSign(now());
    this.control = new ControlSocket(
      location.origin.replace(/^http/, "ws"),
      {
        opened: () => this.serverClock.forget(),
        ended: () => this.following?.ended(),
        message: (message) => {
          if (message.type === "hello" || message.type === "heartbeat") {
            this.life.heartbeat(now());
            this.serverClock.hear(now(), message.serverTimeMs);
          }
          storage.message(message);
          this.following?.message(message);
          if (this.census.apply(message)) this.dirty = true;
        },
      },
      now,
      following?.query,
    );
    this.account = account();
    void this.account.then((session) => {
      const header = document.querySelector("header");
      if (session !== null) header?.append(...accountView(session, this.words));
    });
    // A page that failed must not go on looking as if it were live.
    window.addEventListener("error", () => {
      document.body.dataset.live = "false";
      write(part("banner-why", HTMLElement), this.words.say("health.fault"));
      hide(part("banner", HTMLElement), false);
    });
  }

  run(page: Page): void {
    this.page = page;
    this.tick();
    setInterval(() => this.tick(), TICK_MS);
  }

  /** Says something to the service, if it can be reached. */
  send(message: string): void {
    this.control.send(message);
  }

  /** What the page shows is out of date. */
  touch(): void {
    this.dirty = true;
  }

  /** Whether the service is heard of. */
  get live(): boolean {
    return document.body.dataset.live === "true";
  }

  /** The service's time, as near as it is known, Unix milliseconds. */
  now(): number {
    return this.serverClock.at(this.screenNow()) ?? Date.now();
  }

  /** Another page of ours, in the same language and colours. */
  link(path: string, more: Readonly<Record<string, string>> = {}): string {
    const query = new URLSearchParams(more);
    const here = new URLSearchParams(location.search);
    for (const name of ["lang", "theme"]) {
      const value = here.get(name);
      if (value !== null) query.set(name, value);
    }
    const text = query.toString();
    return text === "" ? path : `${path}?${text}`;
  }

  private tick(): void {
    this.control.tick();
    this.following?.tick();
    const at = this.screenNow();
    this.life.sockets(at, this.control.isOpen);
    const life = this.life.judge(at);
    document.body.dataset.live = String(life === "live");
    document.body.classList.toggle("not-live", life === "not-live");
    hide(part("banner", HTMLElement), life !== "not-live");
    const word = {
      live: "health.live",
      "not-live": "health.not-live",
      starting: "health.starting",
    };
    write(part("life", HTMLElement), this.words.say(word[life] as "health.live"));
    write(part("clock", HTMLElement), this.words.timeOfDay(this.now()));
    if (this.dirty) {
      this.dirty = false;
      this.page?.changed();
    }
    if (this.ticks % (1000 / TICK_MS) === 0) this.page?.second();
    this.ticks += 1;
  }

  private screenNow(): number {
    return this.screenClock.now(performance.now(), Date.now());
  }
}
