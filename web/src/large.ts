//! One camera large: its newest keyframe as the service has it, with all that is known about it.

import { type Face, isLive } from "./face";
import type { Words } from "./i18n";
import { part, write } from "./page";
import type { Camera } from "./wire/messages";

/** What the wall knows of the camera now. */
export interface Subject {
  readonly camera: Camera;
  readonly face: Face;
  readonly ageMs: number | null;
  readonly usualMs: number | null;
  /** Changes with each new tile: then there is a newer keyframe to fetch. */
  readonly version: string;
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

  constructor(
    private readonly words: Words,
    private readonly closed: () => void,
  ) {
    part("large-close", HTMLButtonElement).textContent = `${words.say("large.close")} ✕`;
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
    if (this.fetched !== subject.version && this.fetching === null) {
      this.fetched = subject.version;
      void this.fetch(subject.camera.id);
    }
    this.describe(subject, nowUnixMs);
  }

  private describe({ camera, face, usualMs }: Subject, nowUnixMs: number): void {
    const { words } = this;
    const unknown = words.say("large.unknown");
    const taken = this.takenAtMs;
    const live = isLive(face);
    this.box.classList.toggle("stale", !live);
    write(part("large-number", HTMLElement), String(camera.number));
    write(part("large-name", HTMLElement), camera.name);
    write(part("large-verdict", HTMLElement), live ? words.say("state.online") : face.headline);
    write(part("large-since", HTMLElement), live ? "" : face.detail);
    const hint = this.fetching === null ? words.say("large.none") : words.say("large.wait");
    write(part("large-hint", HTMLElement), this.picture === null ? hint : "");
    const rows: readonly (readonly [string, string])[] = [
      [words.say("large.state"), words.say(`state.${camera.state}`)],
      [words.say("large.reason"), reasons(camera, words)],
      [words.say("large.taken"), taken === null ? "" : words.timeOfDay(taken)],
      [words.say("large.age"), taken === null ? "" : words.age(Math.max(0, nowUnixMs - taken))],
      [words.say("large.refresh"), usualMs === null ? unknown : words.interval(usualMs)],
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

function reasons(camera: Camera, words: Words): string {
  const known = camera.conditions.map((word) => words.condition(word)).join(", ");
  return [known, camera.reason ?? ""].filter((text) => text !== "").join(" – ");
}

function size({ width, height }: Camera): string | undefined {
  return width === null || height === null ? undefined : `${width} × ${height}`;
}

function child(parent: HTMLElement, index: number, tag: string): Element {
  return parent.children[index] ?? parent.appendChild(document.createElement(tag));
}
