//! The pictures of an alert: now, when it happened, and how it should look. The smallest first, by
//! itself; the others at once only where that one came quickly, else when somebody asks for them.

import { element, fill, hide } from "../dom";
import { capturedAt } from "../large";
import { write } from "../page";
import type { Alert } from "../wire/alert";
import { type Kept, readPictures } from "../wire/past";
import type { Bench } from "./bench";
import type { AlertKey } from "./face";

const SMALL = 160;
const LARGE = 640;
/** The smallest picture is 4 KB: one that takes longer came over a link on which 20 KB are a burden. */
const QUICK_MS = 700;
const FETCH_MS = 60_000;

export class Photos {
  readonly element = element("section", { class: "photos" });
  private readonly frames = element("div", { class: "frames" });
  private shown = "";
  private generation = 0;
  private photos: Photo[] = [];

  constructor(private readonly bench: Bench) {
    const title = element("h3", {}, bench.words.say("detail.pictures"));
    this.element.append(title, this.frames);
  }

  show(alert: Alert): void {
    const camera = alert.subject.kind === "camera" ? alert.subject.id : (alert.cameras[0] ?? "");
    hide(this.element, camera === "");
    // Two alerts of one camera have each its own picture of what happened.
    const shown = `${alert.id} ${camera}`;
    if (shown === this.shown) return;
    this.shown = shown;
    this.generation += 1;
    fill(this.frames, []);
    for (const photo of this.photos) photo.drop();
    this.photos = [];
    if (camera !== "") void this.load(alert, camera, this.generation);
  }

  private async load(alert: Alert, camera: string, generation: number): Promise<void> {
    const current = this.photo("picture.current");
    fill(this.frames, [current.element]);
    const began = performance.now();
    await current.load(snapshot(camera, SMALL));
    if (generation !== this.generation) return;
    const quick = performance.now() - began < QUICK_MS;
    if (quick) void current.load(snapshot(camera, LARGE));
    else current.offer("picture.larger", () => current.load(snapshot(camera, LARGE)));
    const answer = await this.bench.call.get(`cameras/${camera}/pictures`, readPictures);
    if (!answer.ok || generation !== this.generation) return;
    for (const [key, kept] of chosen(answer.value, alert)) {
      const photo = this.photo(key);
      this.frames.append(photo.element);
      const load = (): Promise<void> => photo.load(addressOf(camera, kept), kept.takenMs);
      if (quick) void load();
      else photo.offer(key, load, kept.bytes);
    }
  }

  private photo(key: AlertKey): Photo {
    const photo = new Photo(this.bench, key);
    this.photos.push(photo);
    return photo;
  }
}

/** The event nearest to when it was raised, of its own kind; and the newest reference. */
function chosen(kept: readonly Kept[], alert: Alert): readonly (readonly [AlertKey, Kept])[] {
  const away = ({ at }: Kept): number => Math.abs(at / 1000 - alert.raisedMs);
  const event = kept
    .filter(({ condition }) => condition !== null && alert.kind.endsWith(condition))
    .toSorted((a, b) => away(a) - away(b))[0];
  const reference = kept.find(({ kind }) => kind !== "event");
  return [
    ...(event === undefined ? [] : [["picture.event", event] as const]),
    ...(reference === undefined ? [] : [["picture.reference", reference] as const]),
  ];
}

function snapshot(camera: string, width: number): string {
  return `/api/v1/cameras/${camera}/snapshot.jpg?width=${width}`;
}

function addressOf(camera: string, { kind, at, condition }: Kept): string {
  const query = new URLSearchParams({ at: String(at) });
  if (condition !== null) query.set("condition", condition);
  return `/api/v1/cameras/${camera}/pictures/${kind}.jpg?${query}`;
}

class Photo {
  readonly element: HTMLElement;
  private readonly image = element("img", { alt: "", hidden: true });
  private readonly button = element("button", { type: "button", hidden: true });
  private readonly none: HTMLElement;
  private readonly when = element("time");
  private readonly name: string;
  private blob: string | null = null;
  private dropped = false;
  private pressed: () => void = () => {};

  constructor(
    private readonly bench: Bench,
    key: AlertKey,
  ) {
    this.name = bench.words.say(key);
    this.image.alt = this.name;
    this.none = element("p", { class: "none" }, bench.words.say("detail.loading"));
    const frame = element("div", { class: "frame" }, this.image, this.none, this.button);
    const caption = element("figcaption", {}, element("b", {}, this.name), " ", this.when);
    this.element = element("figure", { "data-picture": key }, frame, caption);
    this.button.addEventListener("click", () => this.pressed());
  }

  /** A button to load it, for whom it may be dear. */
  offer(key: AlertKey, load: () => Promise<void>, bytes: number | null = null): void {
    const { words } = this.bench;
    const kb = bytes === null ? null : Math.max(1, Math.round(bytes / 1000));
    const larger = key === "picture.larger";
    const name = this.name;
    const text = larger
      ? words.say(key)
      : kb === null
        ? words.say("picture.load", { name })
        : words.say("picture.load-size", { name, kb });
    write(this.button, text);
    hide(this.button, false);
    if (!larger) hide(this.none, true);
    this.pressed = () => {
      hide(this.button, true);
      if (!larger) hide(this.none, false);
      void load();
    };
  }

  /** It is shown no more: a page that is open for weeks must not keep every picture it had. */
  drop(): void {
    this.dropped = true;
    if (this.blob !== null) URL.revokeObjectURL(this.blob);
  }

  async load(address: string, takenMs: number | null = null): Promise<void> {
    const { words } = this.bench;
    try {
      const answer = await fetch(address, { signal: AbortSignal.timeout(FETCH_MS) });
      if (!answer.ok) throw new Error(answer.statusText);
      const at = takenMs ?? capturedAt(answer.headers);
      const before = this.blob;
      const blob = await answer.blob();
      if (this.dropped) return;
      this.blob = URL.createObjectURL(blob);
      this.image.src = this.blob;
      await this.image.decode();
      if (before !== null) URL.revokeObjectURL(before);
      hide(this.image, false);
      hide(this.none, true);
      write(this.when, at === null ? "" : words.dayAndTime(at));
    } catch {
      // What was shown before stays.
      write(this.none, words.say("picture.none"));
    }
  }
}
