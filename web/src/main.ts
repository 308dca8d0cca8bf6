//! The wall page: joins the parts and owns the one timer.

import { Attended, onTouch } from "./attended";
import { type Sample, Witness } from "./blank";
import { Called } from "./called";
import { ScreenClock, ServerClock } from "./clock";
import { LifeSign } from "./connection";
import { Board } from "./draw/board";
import { chooseTheme } from "./draw/theme";
import { type Face, keyOf } from "./face";
import { cellAt, cellRect, fit, type Grid, parted } from "./grid";
import { chooseLanguage, Words } from "./i18n";
import { Large } from "./large";
import { motionAsked, rememberMotion, screenName } from "./memory";
import { part, write } from "./page";
import { ReadBack } from "./readback";
import { Roster } from "./roster";
import { Sight } from "./sight";
import { Sites } from "./sites";
import { Sockets, type TileWish } from "./sockets";
import { Summary } from "./summary";
import { byImportance, parseWall } from "./wire/messages";

/** Ages and states are judged this often; the sharpest limit is 2 s. */
const TICK_MS = 250;
/** A resize or a new list settles before tiles of another width are asked for. */
const SETTLE_MS = 300;
/** Below this a screen is a phone or a small window: it scrolls rather than show specks. */
const SMALL_SCREEN = 500;
const TILE_MIN = 160;
const STRIP_MIN = 17;
/** So few cells are drawn more often than a wall of many. */
const SMOOTH_CELLS = 16;
/** The canvas is looked at every third second; reading it costs more than drawing some tiles. */
const LOOK_EVERY = (3 * 1000) / TICK_MS;
/** Cells that are looked at then. */
const SAMPLES = 4;
/** Width of the tiles that stand in for video that this browser cannot play, in the large view. */
const LARGE_TILE = 1280;

const query = new URLSearchParams(location.search);
const wallId = /^\/wall\/([a-z0-9-]{1,64})\/?$/.exec(location.pathname)?.[1] ?? "main";
const words = new Words(chooseLanguage(query.get("lang"), navigator.languages));
const light = matchMedia("(prefers-color-scheme: light)").matches;
const theme = chooseTheme(query.get("theme"), light);
document.documentElement.lang = words.language;
document.documentElement.dataset.theme = theme.name;

const screenClock = new ScreenClock(performance.now(), Date.now());
const now = (): number => screenClock.now(performance.now(), Date.now());
const serverClock = new ServerClock();
const serverNow = (): number | null => serverClock.at(now());
const lifeSign = new LifeSign(now());
const roster = new Roster(wallId, query.get("screen"));
const sites = new Sites();
const siteName = (id: string): string => sites.name(id);
const summary = new Summary(words, theme);
/** A page with a name in its address is a screen of the wall. */
const named = (query.get("screen") ?? "") !== "";
const readBack = new ReadBack(wallId, screenName(query.get("screen")), named);
const attended = new Attended(now(), named);
onTouch(() => attended.touched(now()));

const canvas = part("wall", HTMLCanvasElement);
const scroller = part("scroller", HTMLElement);
canvas.setAttribute("aria-label", words.say("canvas.label"));
canvas.setAttribute("role", "application");

const witness = new Witness(canvas);
let blank = false;
let sampled = 0;

/** Cells by camera; built with the layout. */
let cellsOf = new Map<string, number[]>();
/** What each cell says, as judged at the last tick. */
let faces: Face[] = [];
let grid: Grid = fit(1, space());
let focus: number | null = null;
let wallMissing = false;
/** Of the tiles that were asked for last. */
let subscribedWidth = 0;

const sight = new Sight(words, now, serverNow, siteName, {
  judge: (id) => {
    for (const index of cellsOf.get(id) ?? []) judge(index, now());
  },
  touch,
  moved: (id) => {
    touch(id);
    if (large.camera === id) large.move(wishes.motion.picture(id));
  },
});
const { pictures, wishes } = sight;

/** All cells of a camera are to be drawn. */
function touch(id: string): void {
  for (const index of cellsOf.get(id) ?? []) board.touch(index);
}

const board = new Board(
  canvas,
  theme,
  (index) => {
    const id = roster.cells[index];
    const camera = id === undefined ? undefined : roster.camera(id);
    const face = faces[index];
    if (camera === undefined || face === undefined) return null;
    const rect = cellRect(grid, index);
    return {
      rect: { ...rect, y: rect.y - scrollTop() },
      pictureHeight: rect.height - grid.stripHeight,
      number: String(camera.number),
      name: camera.name,
      face,
      bitmap: sight.pictureIn(camera.id),
      focused: index === focus,
      ...(roster.alerted(index) ? { alert: words.say("wall.alert") } : {}),
      ratio: devicePixelRatio,
    };
  },
  {
    cell: (index) => {
      const camera = roster.camera(roster.cells[index] ?? "");
      // While live video is shown in its place the newest tile counts as seen: that is no older.
      const header = camera === undefined ? null : pictures.header(camera.id);
      // By the handle of the list, not of the picture: that may be from before a restart.
      if (camera !== undefined && header !== null && sight.pictureIn(camera.id) !== null) {
        const { height } = cellRect(grid, index);
        readBack.painted(camera.handle, header.sequence, height - grid.stripHeight);
      }
    },
  },
);

const large = new Large(words, () => {
  want();
  canvas.focus();
});

const sockets = new Sockets(
  location.origin.replace(/^http/, "ws"),
  {
    reconnected: () => {
      roster.reconnected();
      serverClock.forget();
      void fetchWall();
    },
    control: (message) => {
      if (message.type === "hello" || message.type === "heartbeat") {
        lifeSign.heartbeat(now());
        serverClock.hear(now(), message.serverTimeMs);
      }
      called.message(message);
      const { cells, gone } = roster.apply(message);
      for (const id of gone) sight.forget(id);
      if (message.type === "sites") sites.take(message.sites);
      if (message.type === "cameras") readBack.clear();
      if (cells || message.type === "cameras") lay();
    },
    tile: (header, jpeg, connection) => {
      const id = roster.idOf(header.handle);
      // A tile of a camera that this wall does not show would only take memory.
      if (id === undefined || !cellsOf.has(id)) return;
      const at = now();
      pictures.arrive(id, header, jpeg, connection, at, serverClock.at(at));
    },
    video: (header, payload, connection) => {
      const id = roster.idOf(header.handle);
      if (id !== undefined) wishes.motion.take(id, header, payload, connection);
    },
    lane: (notice) => wishes.motion.notice(notice),
    // Nothing to do about it here; whoever looks for a cause finds it in the page's body.
    problem: (title) => {
      document.body.dataset.problem = title;
    },
    subscribable: subscribe,
  },
  now,
);

const called = new Called(words, {
  camera: (id) => roster.camera(id) ?? null,
  site: (id) => sites.site(id)?.name ?? null,
});
scroller.before(called.element);
const alertsLink = part("alerts", HTMLAnchorElement);
alertsLink.textContent = words.say("desk.title");
alertsLink.href = `/alerts${location.search}`;

/** Fits the grid to the screen and the cells; everything is drawn anew. */
function lay(): void {
  const { cells } = roster;
  const { layout } = roster;
  grid = parted(layout, space()) ?? fit(Math.max(1, cells.length), space());
  cellsOf = new Map();
  for (const [index, id] of cells.entries()) {
    if (id !== "") cellsOf.set(id, [...(cellsOf.get(id) ?? []), index]);
  }
  if (focus !== null && focus >= cells.length) focus = null;
  part("spacer", HTMLElement).style.height =
    `${Math.max(0, grid.height - deviceHeight()) / devicePixelRatio}px`;
  // Where tiles are, for tests that look at pixels.
  canvas.dataset.grid = JSON.stringify(grid);
  canvas.dataset.cells = JSON.stringify(cells);
  canvas.style.height = `${scroller.clientHeight}px`;
  place();
  // Only another size has to settle: a camera that was put into a cell is wanted at once.
  settle(subscribe, grid.tileWidth === subscribedWidth ? 0 : SETTLE_MS);
}

/** Draws the cells in sight after a new layout or a scroll. */
function place(): void {
  const { cells } = roster;
  readBack.clear();
  board.lay(grid, cells.length, deviceWidth(), deviceHeight(), scrollTop());
  const [first, after] = board.sight;
  pictures.sight(new Set(cells.slice(first, after)));
  want();
  faces = [];
  const at = now();
  for (let index = 0; index < cells.length; index += 1) judge(index, at);
}

/** Decides what a cell says; a cell that says something else is drawn. */
function judge(index: number, at: number): void {
  const id = roster.cells[index];
  const camera = id === undefined ? undefined : roster.camera(id);
  if (camera === undefined) return;
  const face = sight.face(camera, at);
  const before = faces[index];
  faces[index] = face;
  if (before === undefined || keyOf(before) !== keyOf(face)) board.touch(index);
}

/**
 * Tells which cells should move, the most important first: the chosen one, then by the cameras' own
 * importance, and those that are equal as on the wall.
 */
function want(): void {
  const [first, after] = board.sight;
  const seen = new Set(roster.cells.slice(first, after).filter((id) => id !== ""));
  const cells = byImportance([...seen], (id) => roster.camera(id));
  const chosen = focus === null ? undefined : roster.cells[focus];
  const ordered =
    chosen === undefined || !cells.includes(chosen)
      ? cells
      : [chosen, ...cells.filter((id) => id !== chosen)];
  board.smooth = wishes.on && cells.length <= SMOOTH_CELLS;
  // Many cells behind a large picture only take from it what it needs to be smooth.
  const behind = large.camera !== null && cells.length > SMOOTH_CELLS;
  const place = { width: grid.tileWidth, height: grid.pictureHeight };
  if (wishes.want(wishes.on && !behind ? ordered : [], large.camera, place)) settle(subscribe, 0);
}

function setMotion(on: boolean): void {
  wishes.on = on;
  rememberMotion(on);
  motionButton.setAttribute("aria-pressed", String(on));
  want();
  for (let index = 0; index < roster.cells.length; index += 1) judge(index, now());
}

let ticks = 0;

function tick(): void {
  sockets.tick();
  const at = now();
  lifeSign.sockets(at, sockets.up);
  for (let index = 0; index < roster.cells.length; index += 1) judge(index, at);
  if (wishes.tick(TICK_MS)) settle(subscribe, 0);
  showMotion();
  showLife(at);
  showLarge(at);
  ticks += 1;
  if (ticks % (1000 / TICK_MS) === 0) {
    sockets.reportProgress();
    if (roster.hasWall) report(at);
  }
}

/** Says what this screen has painted, and whether somebody sees it. */
function report(at: number): void {
  if (ticks % LOOK_EVERY === 0) blank = !document.hidden && witness.look(samples());
  const seen = large.camera === null ? undefined : roster.camera(large.camera);
  sockets.sendControl(
    readBack.message({
      visible: !document.hidden,
      blank,
      attended: attended.is(at),
      large: seen?.handle ?? null,
    }),
  );
}

/** Some cells in sight with a tile, others at each look. */
function samples(): readonly Sample[] {
  const [first, after] = board.sight;
  const count = Math.max(0, after - first);
  const all: Sample[] = [];
  for (let n = 0; n < count && all.length < SAMPLES; n += 1) {
    const index = first + ((sampled + n) % count);
    const picture = pictures.shown(roster.cells[index] ?? "")?.bitmap.image;
    const cell = cellRect(grid, index);
    const height = cell.height - grid.stripHeight;
    const rect = { x: cell.x, y: cell.y - scrollTop(), width: cell.width, height };
    if (picture !== undefined && rect.y >= 0) all.push({ rect, picture });
  }
  sampled += SAMPLES;
  return all;
}

/** The header, the banner, and what tests and screen readers are told. */
function showLife(at: number): void {
  const life = lifeSign.judge(at);
  const total = roster.cells.length;
  const silentMs = lifeSign.silentMs(at);
  document.body.dataset.live = String(life === "live");
  document.body.dataset.tilesPainted = String(readBack.count);
  document.body.classList.toggle("not-live", life === "not-live");
  const banner = part("banner", HTMLElement);
  if (banner.hidden === (life === "not-live")) banner.hidden = life !== "not-live";
  write(part("banner-word", HTMLElement), life === "not-live" ? words.say("live.not") : "");
  const lost =
    silentMs === null
      ? words.say("live.never")
      : words.say("live.lost", { age: words.age(silentMs) });
  const why = [words.closed(sockets.closeCode), lost].filter((text) => text !== "").join(" ");
  write(part("banner-why", HTMLElement), life === "not-live" ? why : "");
  write(part("hint", HTMLElement), hint(total));
  write(part("name", HTMLElement), roster.wallName ?? wallId);
  const cells = roster.cells.map((id, index) => [roster.camera(id), faces[index]] as const);
  summary.show(at, cells, sites.down, life === "live");
  write(part("clock", HTMLElement), words.timeOfDay(serverClock.at(at) ?? Date.now()));
}

/** How many cells move, for people and for tests. */
function showMotion(): void {
  const { motion, on, way } = wishes;
  const { dataset } = document.body;
  const moving = motion.moving;
  dataset.motion = on ? "on" : "off";
  dataset.motionCells = String(moving);
  dataset.motionFrames = String(motion.pictures);
  dataset.motionDropped = String(motion.dropped);
  dataset.player = way.kind;
  const total = roster.cells.length;
  const count = words.say("motion.count", { moving, total });
  write(part("moving", HTMLElement), on ? count : "");
  // What cells say of themselves is drawn; tests read it here.
  const said = faces.flatMap(({ headline }, index) => (headline === "" ? [] : [[index, headline]]));
  canvas.dataset.said = JSON.stringify(Object.fromEntries(said));
  const insecure = way.kind !== "webcodecs" && !window.isSecureContext;
  write(part("insecure", HTMLElement), on && insecure ? words.say("motion.insecure") : "");
}

function hint(total: number): string {
  if (total > 0) return "";
  if (wallMissing) return words.say("wall.unknown", { id: wallId });
  return words.say(roster.hasWall ? "wall.empty" : "live.starting");
}

function showLarge(at: number): void {
  const id = large.camera;
  if (id === null) return;
  const camera = roster.camera(id);
  const face = faces[cellsOf.get(id)?.[0] ?? -1];
  if (camera === undefined || face === undefined) {
    large.hide();
    return;
  }
  const { ageMs, usualMs, receivedAtMs } = sight.pictureOf(camera, at);
  const still = wishes.still(id);
  const moving = wishes.motion.picture(id);
  // A newer keyframe is fetched only while nothing moves.
  const version = moving === null ? `${id} ${receivedAtMs}` : null;
  const configuration = moving === null ? null : wishes.motion.configuration(id);
  const codec = wishes.codec(id);
  const site = camera.maskedBy === null ? null : siteName(camera.maskedBy);
  const known = { camera, site, face, ageMs, usualMs, version, still };
  const subject = { ...known, codec, moving, configuration };
  large.refresh(subject, serverClock.at(at) ?? Date.now());
}

function subscribe(): void {
  if (roster.cells.length === 0) return;
  subscribedWidth = grid.tileWidth;
  // "*" keeps the message small on a wall that shows every camera.
  const cameras = roster.showsAll ? ["*"] : [...cellsOf.keys()];
  const tiles: TileWish[] = [{ cameras, width: grid.tileWidth }];
  const { highRate, video } = wishes;
  const width = highRate.includes(large.camera ?? "") ? LARGE_TILE : grid.tileWidth;
  if (highRate.length > 0) tiles.push({ cameras: highRate, width, rate: "high" });
  sockets.subscribe(tiles, video);
}

/** The wall may not be told on the control socket before it changes: it is asked for, too. */
async function fetchWall(): Promise<void> {
  try {
    const answer = await fetch(`/api/v1/walls/${wallId}`, {
      cache: "no-store",
      signal: AbortSignal.timeout(5000),
    });
    wallMissing = answer.status === 404;
    const wall = answer.ok ? parseWall(await answer.json()) : undefined;
    if (wall?.id === wallId && roster.show(wall).cells) lay();
  } catch {
    // The control socket tells the wall as well, and the next connection asks again.
  }
}

function space() {
  const { clientWidth, clientHeight } = scroller;
  const small = Math.min(clientWidth, clientHeight) < SMALL_SCREEN;
  return {
    width: deviceWidth(),
    height: deviceHeight(),
    gap: Math.max(1, Math.round(2 * devicePixelRatio)),
    stripMin: Math.round(STRIP_MIN * devicePixelRatio),
    tileMin: small ? Math.round(TILE_MIN * devicePixelRatio) : 0,
  };
}

function deviceWidth(): number {
  return Math.max(1, Math.round(scroller.clientWidth * devicePixelRatio));
}

function deviceHeight(): number {
  return Math.max(1, Math.round(scroller.clientHeight * devicePixelRatio));
}

function scrollTop(): number {
  return Math.round(scroller.scrollTop * devicePixelRatio);
}

let settling: ReturnType<typeof setTimeout> | undefined;

function settle(then: () => void, afterMs: number): void {
  clearTimeout(settling);
  settling = setTimeout(then, afterMs);
}

function moveFocus(step: number): void {
  const last = roster.cells.length - 1;
  if (last < 0) return;
  const before = focus;
  focus = focus === null ? 0 : Math.min(last, Math.max(0, focus + step));
  if (before !== null) board.touch(before);
  board.touch(focus);
  reveal(focus);
  want();
  const id = roster.cells[focus];
  if (large.camera !== null && id !== undefined) openLarge(id);
}

/** Scrolls so that a cell is in sight. */
function reveal(index: number): void {
  const { y, height } = cellRect(grid, index);
  const top = y / devicePixelRatio;
  const bottom = (y + height) / devicePixelRatio;
  const { scrollTop: from, clientHeight } = scroller;
  if (top < from) scroller.scrollTop = top;
  else if (bottom > from + clientHeight) scroller.scrollTop = bottom - clientHeight;
}

function openLarge(id: string): void {
  large.show(id);
  want();
  showLarge(now());
}

document.addEventListener("keydown", (event) => {
  const steps: Readonly<Record<string, number>> = {
    ArrowLeft: -1,
    ArrowRight: 1,
    ArrowUp: -grid.columns,
    ArrowDown: grid.columns,
  };
  const step = steps[event.key];
  if (step !== undefined) moveFocus(step);
  else if (event.key === "Escape") large.hide();
  else if (event.key === "Enter" && large.camera === null && focus !== null) {
    openLarge(roster.cells[focus] ?? "");
  } else if (event.key === "m" && !event.ctrlKey && !event.metaKey && !event.altKey) {
    setMotion(!wishes.on);
  } else return;
  event.preventDefault();
});

canvas.addEventListener("click", (event) => {
  const x = event.offsetX * devicePixelRatio;
  const y = event.offsetY * devicePixelRatio + scrollTop();
  const index = cellAt(grid, roster.cells.length, x, y);
  const id = index === null ? undefined : roster.cells[index];
  if (index === null || id === undefined || id === "") return;
  const before = focus;
  focus = index;
  if (before !== null) board.touch(before);
  board.touch(index);
  openLarge(id);
});

const motionButton = part("motion", HTMLButtonElement);
motionButton.textContent = words.say("motion.button");
motionButton.title = words.say("motion.title");
motionButton.addEventListener("click", () => setMotion(!wishes.on));

scroller.addEventListener("scroll", place, { passive: true });
new ResizeObserver(lay).observe(scroller);

// Whoever closes a screen in order is not to be missed.
window.addEventListener("pagehide", () => sockets.sendControl(readBack.leaving()));

// A page that failed must not go on looking as if it were live.
window.addEventListener("error", () => {
  document.body.dataset.live = "false";
  document.body.classList.add("not-live");
  write(part("banner-word", HTMLElement), words.say("live.not"));
  write(part("banner-why", HTMLElement), words.say("live.fault"));
  part("banner", HTMLElement).hidden = false;
});

lay();
setMotion(motionAsked(query.get("motion")));
tick();
setInterval(tick, TICK_MS);
