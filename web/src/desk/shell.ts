//! What all tabs of the alert desk have: who one is, the alerts as they come, the lines that say what
//! is wrong, and the way to the other tabs.

import { type Bench, namesOf } from "../alert/bench";
import { Call } from "../alert/call";
import { Feed } from "../alert/feed";
import { Keep, openShelf } from "../alert/keep";
import { Outbox } from "../alert/outbox";
import { QueuedView } from "../alert/queued";
import { Sender } from "../alert/sender";
import { element, fill, hide } from "../dom";
import { type Page, Shell } from "../health/shell";
import type { Words } from "../i18n";
import { part, write } from "../page";
import { actsFor } from "../sign-in/account";
import { NOBODY, type People, readPeople } from "../wire/people";

export const TABS = [
  "list",
  "shelf",
  "figures",
  "deliveries",
  "handover",
  "drill",
  "records",
] as const;
export type Tab = (typeof TABS)[number];

/** Who is on duty changes with the shifts, and by exception at any time. */
const ROSTER_EVERY_S = 60;

export class DeskShell {
  readonly shell: Shell;
  readonly words: Words;
  readonly bench: Bench;
  private people: People = NOBODY;
  private page: Page | null = null;
  private signedIn = false;
  private readonly queued: QueuedView;
  private readonly behind = element("p", { id: "behind", role: "status", hidden: true });
  private readonly floods = element("div", { class: "floods" });
  private seconds = 0;

  constructor(readonly tab: Tab) {
    const keep = new Keep(openShelf());
    const call = new Call(keep.person);
    const outbox = new Outbox(keep.shelf);
    const now = (): number => performance.now();
    const touch = (): void => this.shell.touch();
    const feed = new Feed(call, (message) => this.shell.send(message), now, touch);
    const sender = new Sender(outbox, call, now, (alert) => {
      if (alert !== undefined) feed.take(alert);
      touch();
    });
    this.shell = new Shell({
      query: call.socketQuery("desk"),
      message: (message) => {
        if (message.type === "hello") outbox.hurry();
        feed.message(message);
      },
      ended: () => feed.ended(),
      tick: () => {
        feed.tick();
        sender.tick();
      },
    });
    const { words, census } = this.shell;
    this.words = words;
    const names = namesOf(
      words,
      () => this.people,
      (id) => census.camera(id) ?? null,
      (id) => census.sites.site(id)?.name ?? null,
    );
    const link = (path: string): string => this.shell.link(path);
    const time = (): number => this.shell.now();
    const people = (): People => this.people;
    this.bench = { words, names, feed, outbox, sender, call, keep, people, now: time, link };
    this.queued = new QueuedView(this.bench);
    part("lines", HTMLElement).append(this.behind, this.queued.element, this.floods);
    this.nav();
    this.drawWho();
    void this.shell.account.then((session) => {
      if (session === null) return;
      if (actsFor(session, keep)) location.reload();
      this.signedIn = true;
      this.drawWho();
    });
  }

  run(page: Page): void {
    this.page = page;
    this.shell.run({ changed: () => this.changed(), second: () => this.second() });
  }

  private changed(): void {
    const { feed, names } = this.bench;
    this.queued.show(null);
    document.body.dataset.cursor = String(feed.follower.cursor ?? "");
    document.body.dataset.holes = String(feed.follower.holes);
    fill(
      this.floods,
      [...feed.floods].map(([id, { inTenMinutes }]) => {
        const position = names.position(id);
        return element("p", {}, this.words.say("duty.flood", { position, n: inTenMinutes }));
      }),
    );
    this.page?.changed();
  }

  private second(): void {
    const { follower } = this.bench.feed;
    const behind = this.shell.live && follower.isBehind(performance.now());
    const listing = this.shell.live && follower.listing;
    hide(this.behind, !behind && !listing);
    write(this.behind, this.words.say(behind ? "feed.behind" : "feed.listing"));
    if (this.seconds % ROSTER_EVERY_S === 0) void this.fetchRoster();
    this.seconds += 1;
    this.page?.second();
  }

  private async fetchRoster(): Promise<void> {
    const { call, keep } = this.bench;
    const answer = await call.get("roster", readPeople);
    if (!answer.ok && answer.status === 403 && call.person !== null) {
      keep.person = null;
      location.reload();
    }
    if (!answer.ok) return;
    this.people = answer.value;
    this.drawWho();
    this.shell.touch();
  }

  private drawWho(): void {
    const { call, keep } = this.bench;
    const who = part("who", HTMLSelectElement);
    who.ariaLabel = this.words.say("duty.who");
    const options = this.people.people.map(({ id, name }) =>
      element("option", { value: id }, name),
    );
    // Where there is no roster there is nobody to be; an account is somebody already.
    hide(who, this.signedIn || this.people.people.length === 0);
    fill(who, [element("option", { value: "" }, this.words.say("duty.unnamed")), ...options]);
    who.value = call.person ?? "";
    who.onchange = () => {
      keep.person = who.value === "" ? null : who.value;
      // One person's socket and list from the beginning.
      location.reload();
    };
  }

  private nav(): void {
    const { words, shell, tab } = this;
    document.title = `${words.say(`desk.${tab}`)} – ${words.say("desk.title")}`;
    write(part("title", HTMLElement), words.say("desk.title"));
    const health = part("health", HTMLAnchorElement);
    health.textContent = words.say("health.title");
    health.href = shell.link("/health");
    const links = TABS.map((one) => {
      const path = one === "list" ? "/alerts" : `/alerts/${one}`;
      const link = element("a", { href: shell.link(path) }, words.say(`desk.${one}`));
      if (one === tab) link.setAttribute("aria-current", "page");
      return link;
    });
    fill(part("tabs", HTMLElement), links);
  }
}
