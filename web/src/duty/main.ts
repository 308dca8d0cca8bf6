//! The duty officer's page: `/duty`, made for a phone and poor links.

import { Alarm } from "../alert/alarm";
import { type Bench, namesOf } from "../alert/bench";
import { Call } from "../alert/call";
import { Feed } from "../alert/feed";
import { Keep, openShelf } from "../alert/keep";
import { Outbox } from "../alert/outbox";
import { Sender } from "../alert/sender";
import { Sound } from "../alert/sound";
import { AlertView } from "../alert/view";
import { ScreenClock, ServerClock } from "../clock";
import { LifeSign } from "../connection";
import { ControlSocket } from "../control";
import { fill, hide } from "../dom";
import { part, write } from "../page";
import { account, accountView, actsFor } from "../sign-in/account";
import type { Session } from "../sign-in/call";
import { chooseLanguage } from "../speech";
import { NOBODY, type People, readPeople } from "../wire/people";
import { Lines } from "./lines";
import { DutyList } from "./list";
import { Who } from "./who";
import { dutyWords } from "./words";

const TICK_MS = 250;
/** Who is on duty changes with the shifts, and by exception at any time. */
const ROSTER_EVERY_S = 120;
/** While nobody does anything, what is known is written down this often. */
const KEEP_EVERY_S = 3;
const OPEN = "#a=";

const query = new URLSearchParams(location.search);
const words = dutyWords(chooseLanguage(query.get("lang"), navigator.languages));
const light = matchMedia("(prefers-color-scheme: light)").matches;
const theme = query.get("theme");
document.documentElement.lang = words.language;
document.documentElement.dataset.theme =
  theme === "light" || (theme === "auto" && light) ? "light" : "dark";

const screenClock = new ScreenClock(performance.now(), Date.now());
const screenNow = (): number => screenClock.now(performance.now(), Date.now());
const serverClock = new ServerClock();
const now = (): number => serverClock.at(screenNow()) ?? Date.now();
const life = new LifeSign(screenNow());

const keep = new Keep(openShelf());
const call = new Call(keep.person);
const outbox = new Outbox(keep.shelf);
let people: People = keep.people ?? NOBODY;
let dirty = true;
let asOfMs: number | null = null;

const feed = new Feed(
  call,
  (message) => control.send(message),
  screenNow,
  () => {
    dirty = true;
  },
);
const sender = new Sender(outbox, call, screenNow, (alert) => {
  if (alert !== undefined) feed.take(alert);
  // An act without its alert would be a riddle if the page ended now.
  keepAlerts();
  dirty = true;
  // What a thumb did is seen at once.
  requestAnimationFrame(() => {
    if (dirty) changed();
  });
});
const bench: Bench = {
  words,
  names: namesOf(words, () => people),
  feed,
  outbox,
  sender,
  call,
  keep,
  people: () => people,
  now,
  link: (path) => path + location.search,
};

const alarm = new Alarm();
const sound = new Sound();
const lines = new Lines(bench, words, sound);
const view = new AlertView(bench);
const list = new DutyList(bench, words, (alert) => {
  location.hash = OPEN + alert.id;
});
const who = new Who(words, (person) => {
  keep.person = person;
  keep.unnamed = person === null;
  // One person's page, queue and socket from the beginning.
  location.reload();
});
let asking = false;
let session: Session | null = null;

const control = new ControlSocket(
  location.origin.replace(/^http/, "ws"),
  {
    opened: () => {
      serverClock.forget();
      outbox.hurry();
    },
    ended: () => feed.ended(),
    message: (message) => {
      if (message.type === "hello" || message.type === "heartbeat") {
        life.heartbeat(screenNow());
        serverClock.hear(screenNow(), message.serverTimeMs);
      }
      feed.message(message);
      lines.message(message);
    },
  },
  screenNow,
  call.socketQuery("phone"),
);

/** Shows what the address asks for: the list, or one alert. */
function route(): void {
  const id = location.hash.startsWith(OPEN) ? location.hash.slice(OPEN.length) : null;
  const alert = id === null ? undefined : feed.book.alert(id);
  hide(part("back", HTMLElement), alert === undefined);
  hide(part("title", HTMLElement), alert !== undefined);
  if (asking) fill(part("main", HTMLElement), [who.element]);
  else if (alert === undefined) fill(part("main", HTMLElement), [list.element]);
  else {
    fill(part("main", HTMLElement), [view.element]);
    if (view.id !== alert.id) {
      view.open(alert);
      scrollTo(0, 0);
    }
  }
}

function changed(): void {
  dirty = false;
  lines.changed(call.person === null ? null : list.me.positions);
  list.changed();
  route();
  view.refresh();
  const loud = alarm.judge(list.mine);
  sound.ring(loud);
  document.body.dataset.ringing = String(loud);
  document.body.dataset.cursor = String(feed.follower.cursor ?? "");
  document.body.dataset.holes = String(feed.follower.holes);
}

async function fetchRoster(): Promise<void> {
  const answer = await call.get("roster", (json) => {
    keep.keepPeople(json);
    return readPeople(json);
  });
  if (answer.ok) people = answer.value;
  else if (answer.status === 403 && call.person !== null) {
    // The roster has lost that person; nobody else is meant by it.
    keep.person = null;
    location.reload();
    return;
  }
  who.show(people);
  if (answer.ok && call.person === null && people.people.length > 0 && !keep.unnamed) ask(true);
  name();
  dirty = true;
}

/** What is shown before the first list is older than what was kept. */
function keepAlerts(): void {
  if (!feed.follower.listing) keep.keepAlerts(feed.book.open, now());
}

/** An account says who one is, and nobody is asked. */
async function takeAccount(): Promise<void> {
  session = await account();
  if (session === null) return;
  if (actsFor(session, keep)) location.reload();
  who.signedIn(accountView(session, words, () => keep.forgetAlerts()));
  name();
}

function ask(on: boolean): void {
  asking = on;
  dirty = true;
}

function name(): void {
  const chosen = call.person === null ? null : bench.names.person(call.person);
  const button = part("who", HTMLButtonElement);
  const shown = chosen ?? session?.user ?? words.say("duty.unnamed");
  write(button, shown);
  button.ariaLabel = words.say("duty.change", { name: shown });
}

let ticks = 0;
function tick(): void {
  control.tick();
  feed.tick();
  sender.tick();
  life.sockets(screenNow(), control.isOpen);
  const alive = life.judge(screenNow());
  document.body.dataset.live = String(alive === "live");
  if (alive === "live" && !feed.follower.listing) asOfMs = now();
  lines.show(alive, asOfMs, sound.ready, document.body.dataset.ringing === "true");
  if (dirty) changed();
  if (ticks % 4 === 0) second(ticks / 4);
  ticks += 1;
}

function second(n: number): void {
  list.changed();
  view.refresh();
  if (n % ROSTER_EVERY_S === 0) void fetchRoster();
  if (n % KEEP_EVERY_S === 0) keepAlerts();
  const waiting = list.mine.filter(({ state }) => state.endsWith("unacknowledged")).length;
  document.title =
    waiting === 0 ? words.say("duty.title") : `(${waiting}) ${words.say("duty.title")}`;
}

function touched(): void {
  void sound.unlock();
  alarm.touch();
  dirty = true;
}

write(part("title", HTMLElement), words.say("duty.title"));
write(part("back", HTMLElement), `‹ ${words.say("detail.back")}`);
part("back", HTMLButtonElement).addEventListener("click", () => {
  location.hash = "";
});
part("who", HTMLButtonElement).addEventListener("click", () => ask(!asking));
addEventListener("hashchange", () => {
  asking = false;
  route();
});
addEventListener("pointerdown", touched, { capture: true });
addEventListener("keydown", touched, { capture: true });
// A finger counts as a touch only once it is lifted, for a browser that guards its loudspeaker.
addEventListener("click", () => void sound.unlock(), { capture: true });
addEventListener("online", () => outbox.hurry());
addEventListener("error", () => {
  document.body.dataset.live = "false";
  write(part("life", HTMLElement), words.say("duty.fault"));
});

const before = keep.alerts;
if (before !== null) {
  asOfMs = before.atMs;
  feed.recall(before.alerts);
}
name();
void takeAccount();
tick();
setInterval(tick, TICK_MS);
void navigator.serviceWorker?.register("/duty-worker.js", { scope: "/duty" }).catch(() => {
  // Over plain HTTP there is none; the page works without.
});
