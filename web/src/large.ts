//! One camera large: its live video, or its newest keyframe while there is none, with all that is
//! known about it.

import { type Face, isLive } from "./face";
import type { Words } from "./i18n";
import { part, write } from "./page";
import type { MotionPicture, VideoConfiguration } from "./video/player";
import type { Still } from "./video/wishes";
import type { Camera } from "./wire/messages";

/** What the wall knows of the camera now. */
export interface Subject {
  readonly camera: Camera;
  /** The site that is down and stands for it, by name. */
  readonly site: string | null;
  readonly face: Face;
  readonly ageMs: number | null;
  readonly usualMs: number | null;
  /** Changes with each new tile: then there is a newer keyframe to fetch. `null` while it moves. */
  readonly version: string | null;
  /** Why it does not move. */
  readonly still: Still | null;
  /** Of its video, as people call it. */
  readonly codec: string;
  /** The newest picture of its video, and what that video is. */
  readonly moving: MotionPicture | null;
  readonly configuration: VideoConfiguration | null;
}

/** Wide enough for any screen; the service serves the next width of its ladder. */
const WIDTH = 1280;
/** A request that takes longer is given up, so that a newer picture can be asked for. */
const FETCH_MS = 5000;

export class Large {
  private open: string | null = null;
  private fetching: AbortController | null = null;
  private fetched = "";
  private takenAtMs: number | null = null;
  private picture: string | null = null;
  private readonly box = part("large", HTMLElement);
  private readonly image = part("large-picture", HTMLImageElement);
  private readonly canvas = part("large-motion", HTMLCanvasElement);
  private drawing: MotionPicture | null = null;

  constructor(
    private readonly words: Words,
    private readonly closed: () => void,
  ) {
    part("large-close", HTMLButtonElement).textContent = `${words.say("large.close")} ✕`;
    part("large-health", HTMLAnchorElement).textContent = words.say("large.health");
    this.image.addEventListener("load", () => this.box.classList.add("has-picture"));
    this.box.addEventListener("click", () => this.hide());
  }

  /** The camera that is shown, if any. */
  get camera(): string | null {
    return this.open;
  }

  show(id: string): void {
    if (this.open === id) return;
    this.clear();
    this.open = id;
    part("large-health", HTMLAnchorElement).href = `/health/${id}${location.search}`;
    this.box.hidden = false;
    part("large-close", HTMLButtonElement).focus();
  }

  hide(): void {
    if (this.open === null) return;
    this.clear();
    this.open = null;
    this.box.hidden = true;
    this.closed();
  }

  /** Called a few times a second with what is known now. */
  refresh(subject: Subject, nowUnixMs: number): void {
    if (this.open !== subject.camera.id) return;
    const { version, moving } = subject;
    this.canvas.hidden = moving === null;
    if (version !== null && this.fetched !== version && this.fetching === null) {
      this.fetched = version;
      void this.fetch(subject.camera.id);
    }
    this.describe(subject, nowUnixMs);
  }

  /** Its video has another picture: it is drawn with the next frame of the screen. */
  move(picture: MotionPicture | null): void {
    const asked = this.drawing !== null;
    this.drawing = picture;
    if (asked || picture === null) return;
    requestAnimationFrame(() => {
      const { canvas, drawing } = this;
      this.drawing = null;
      if (drawing === null || this.open === null) return;
      const { image, width, height } = drawing;
      if (canvas.width !== width || canvas.height !== height) {
        canvas.width = width;
        canvas.height = height;
      }
      canvas.getContext("2d", { alpha: false })?.drawImage(image, 0, 0, width, height);
      this.box.classList.add("has-picture");
    });
  }

  private describe(subject: Subject, nowUnixMs: number): void {
    const { camera, face, usualMs, moving } = subject;
    const { words } = this;
    const unknown = words.say("large.unknown");
    const taken = moving?.receivedAtMs ?? this.takenAtMs;
    const live = isLive(face);
    const { dataset } = this.box;
    dataset.stream = moving === null ? "" : (subject.configuration?.stream ?? "");
    dataset.latencyMs = moving === null ? "" : String(Math.round(nowUnixMs - moving.receivedAtMs));
    this.box.classList.toggle("stale", !live);
    write(part("large-number", HTMLElement), String(camera.number));
    write(part("large-name", HTMLElement), camera.name);
    const right = live && (face.mark === "none" || face.mark === "note");
    this.box.classList.toggle("suspect", face.mark === "suspect");
    write(part("large-verdict", HTMLElement), right ? words.say("state.online") : face.headline);
    write(part("large-since", HTMLElement), live ? "" : face.detail);
    const hint = this.fetching === null ? words.say("large.none") : words.say("large.wait");
    write(part("large-hint", HTMLElement), this.picture === null && moving === null ? hint : "");
    const rows: readonly (readonly [string, string])[] = [
      [words.say("large.state"), words.say(`state.${camera.state}`)],
      [words.say("large.video"), video(subject, words)],
      [words.say("large.main-why"), mainWhy(subject, words)],
      [words.say("large.latency"), moving === null ? "" : latency(nowUnixMs - moving.receivedAtMs)],
      [words.say("large.reason"), reasons(subject, words)],
      [words.say("large.taken"), taken === null ? "" : words.timeOfDay(taken)],
      [words.say("large.age"), taken === null ? "" : words.age(Math.max(0, nowUnixMs - taken))],
      [
        words.say("large.refresh"),
        moving !== null ? "" : usualMs === null ? unknown : words.interval(usualMs),
      ],
      [words.say("large.codec"), camera.codec?.toUpperCase() ?? unknown],
      [words.say("large.size"), size(camera) ?? unknown],
    ];
    this.table(rows.filter(([, value]) => value !== ""));
  }

  private table(rows: readonly (readonly [string, string])[]): void {
    const facts = part("large-facts", HTMLElement);
    while (facts.childElementCount > 2 * rows.length) facts.lastElementChild?.remove();
    rows.forEach(([term, value], row) => {
      write(child(facts, 2 * row, "dt"), term);
      write(child(facts, 2 * row + 1, "dd"), value);
    });
  }

  private async fetch(id: string): Promise<void> {
    const request = new AbortController();
    this.fetching = request;
    const timer = setTimeout(() => request.abort(), FETCH_MS);
    try {
      const url = `/api/v1/cameras/${encodeURIComponent(id)}/snapshot.jpg?width=${WIDTH}`;
      const answer = await fetch(url, { signal: request.signal, cache: "no-store" });
      if (!answer.ok) return;
      const blob = await answer.blob();
      // Meanwhile another camera may have been chosen: its place must not show this one.
      if (this.fetching !== request) return;
      this.takenAtMs = capturedAt(answer.headers);
      if (this.picture !== null) URL.revokeObjectURL(this.picture);
      this.picture = URL.createObjectURL(blob);
      this.image.src = this.picture;
    } catch {
      // Not there yet, or cut off: the next tile asks again, and the age goes on rising.
    } finally {
      clearTimeout(timer);
      if (this.fetching === request) this.fetching = null;
    }
  }

  private clear(): void {
    this.fetching?.abort();
    this.fetching = null;
    this.fetched = "";
    this.takenAtMs = null;
    if (this.picture !== null) URL.revokeObjectURL(this.picture);
    this.picture = null;
    this.image.removeAttribute("src");
    this.drawing = null;
    this.canvas.hidden = true;
    this.box.dataset.stream = "";
    this.box.classList.remove("has-picture");
  }
}

/** `X-Captured-At` is Unix microseconds or an ISO date; `Last-Modified` is good to a second. */
export function capturedAt(headers: Headers): number | null {
  const exact = headers.get("X-Captured-At");
  if (exact !== null) {
    const ms = /^\d+$/.test(exact) ? Number(exact) / 1000 : Date.parse(exact);
    if (Number.isFinite(ms)) return ms;
  }
  const coarse = Date.parse(headers.get("Last-Modified") ?? "");
  return Number.isFinite(coarse) ? coarse : null;
}

/** Which stream moves, or why none does. */
function video({ still, codec, configuration }: Subject, words: Words): string {
  if (configuration !== null) {
    const size = `${configuration.width} × ${configuration.height}`;
    return words.say(`large.${configuration.stream}`, { size });
  }
  if (still === null || still === "starting")
    return still === null ? "" : words.say("still.starting");
  return words.say("large.stills", { why: words.say(`still.${still}`, { codec }) });
}

/** Why the large stream does not come. */
function mainWhy({ camera, configuration }: Subject, words: Words): string {
  if (configuration?.stream === "main" || camera.main === null) return "";
  return words.said(camera.main.reason ?? "");
}

function latency(ms: number): string {
  return `${Math.max(0, Math.round(ms))} ms`;
}

function reasons({ camera, site }: Subject, words: Words): string {
  const known = camera.conditions.map((word) => words.condition(word)).join(", ");
  const order = camera.maintenance === null ? "" : camera.maintenance.reason;
  const cause = site === null ? "" : words.say("tile.site-down", { site });
  const evidence = words.said(camera.reason ?? "");
  return [order, cause, known, evidence].filter((text) => text !== "").join(" – ");
}

function size({ width, height }: Camera): string | undefined {
  return width === null || height === null ? undefined : `${width} × ${height}`;
}

function child(parent: HTMLElement, index: number, tag: string): Element {
  return parent.children[index] ?? parent.appendChild(document.createElement(tag));
}
