//! Pictures to compare: what the camera should show, what it showed when a condition was raised,
//! and what it shows now.

import { ask, order } from "../api";
import { element, fill, hide } from "../dom";
import type { Key } from "../i18n";
import { capturedAt } from "../large";
import { write } from "../page";
import type { Camera } from "../wire/messages";
import { type Kept, readPictures, type Sight } from "../wire/past";
import type { Shell } from "./shell";

/** The current picture is fetched again this often, while the page is in sight. */
const CURRENT_EVERY_S = 5;
const WIDTH = 640;
const LIGHTS = ["reference-day", "reference-night"] as const;
const FETCH_MS = 5000;

class Frame {
  readonly element: HTMLElement;
  private readonly image = element("img", { alt: "", hidden: true });
  private readonly none: HTMLElement;
  private readonly when = element("time");

  constructor(title: string, none: string, extra: readonly HTMLElement[] = []) {
    this.none = element("p", { class: "none" }, none);
    const frame = element("div", { class: "frame" }, this.image, this.none);
    const caption = element("figcaption", {}, element("b", {}, title), " ", this.when, ...extra);
    this.element = element("figure", {}, frame, caption);
    this.image.addEventListener("load", () => {
      hide(this.image, false);
      hide(this.none, true);
    });
    this.image.addEventListener("error", () => {
      hide(this.image, true);
      hide(this.none, false);
    });
    this.image.alt = title;
  }

  show(source: string | null, when: string): void {
    write(this.when, when);
    if (source === null) {
      this.image.removeAttribute("src");
      hide(this.image, true);
      hide(this.none, false);
    } else if (this.image.getAttribute("src") !== source) this.image.src = source;
  }
}

export class PicturesView {
  readonly element: HTMLElement;
  private readonly reference: Frame;
  private readonly event: Frame;
  private readonly current: Frame;
  private readonly light: HTMLSelectElement;
  private readonly choice: HTMLSelectElement;
  private readonly said = element("p", { class: "problem", role: "status" });
  private readonly sight = element("b");
  private readonly sightWhy = element("span", { class: "none" });
  private readonly told = element("p", { class: "sight", hidden: true });
  private kept: readonly Kept[] = [];
  private chosen: string | null = null;
  private lit: string | null = null;
  private suspicion: string | null = null;
  private blob: string | null = null;
  private fetching = false;
  private seconds = 0;

  constructor(
    private readonly shell: Shell,
    private readonly id: string,
  ) {
    const { words } = shell;
    const none = words.say("camera.no-picture");
    this.choice = this.select("camera.event-choice", "event", (value) => {
      this.chosen = value;
    });
    this.light = this.select("camera.reference", "light", (value) => {
      this.lit = value;
    });
    this.reference = new Frame(words.say("camera.reference"), none, [this.light]);
    this.event = new Frame(words.say("camera.event"), none, [this.choice]);
    this.current = new Frame(words.say("camera.current"), none);
    const frames = element("div", { class: "frames" });
    for (const frame of [this.reference, this.event, this.current]) frames.append(frame.element);
    const confirm = this.button("camera.confirm", "camera.confirm-title", "confirm");
    const reset = this.button("camera.reset", "camera.reset-title", "reset");
    const buttons = element("p", { class: "buttons" }, confirm, reset, this.said);
    const title = element("h3", {}, words.say("camera.pictures"));
    this.told.append(this.sight, " – ", this.sightWhy);
    this.element = element("section", { class: "pictures" }, title, this.told, frames, buttons);
    this.refresh();
  }

  /** Whether the view can be judged at all. */
  judged(sight: Sight | null): void {
    hide(this.told, sight === null);
    if (sight === null) return;
    const { words } = this.shell;
    this.told.dataset.sight = sight;
    write(this.sight, words.say(`sight.${sight}`));
    write(this.sightWhy, words.say(`sight.${sight}-why`));
  }

  /** The picture of what is wrong now is shown first. */
  show(camera: Camera): void {
    const suspicion = camera.conditions[0] ?? null;
    if (suspicion === this.suspicion) return;
    this.suspicion = suspicion;
    this.chosen = null;
    this.draw();
  }

  refresh(): void {
    void ask(`cameras/${this.id}/pictures`, readPictures).then((answer) => {
      if (!answer.ok) return;
      this.kept = answer.value;
      this.draw();
    });
  }

  second(): void {
    if (this.seconds % CURRENT_EVERY_S === 0 && !document.hidden) void this.fetchCurrent();
    if (this.seconds % 60 === 59) this.refresh();
    this.seconds += 1;
  }

  private draw(): void {
    const { words } = this.shell;
    // They are renewed in the light that they are of, so the newest is most like what is seen now.
    const lights = LIGHTS.flatMap((kind) => this.kept.find((one) => one.kind === kind) ?? []);
    const newest = lights.toSorted((a, b) => b.takenMs - a.takenMs)[0];
    const reference = lights.find(({ kind }) => kind === this.lit) ?? newest;
    this.put(this.reference, reference);
    hide(this.light, lights.length === 0);
    fill(
      this.light,
      lights.map(({ kind }) => element("option", { value: kind }, words.say(`camera.${kind}`))),
    );
    if (reference !== undefined) this.light.value = reference.kind;
    const events = this.kept.filter(({ kind }) => kind === "event");
    const now = events.find(({ condition }) => condition === this.suspicion) ?? events[0];
    const event = events.find((one) => keyOf(one) === this.chosen) ?? now;
    this.put(this.event, event);
    hide(this.choice, events.length === 0);
    fill(
      this.choice,
      events.map((one) => {
        const text = `${words.condition(one.condition ?? "")} ${words.moment(one.at / 1000)}`;
        return element("option", { value: keyOf(one) }, text);
      }),
    );
    if (event !== undefined) this.choice.value = keyOf(event);
  }

  private select(label: Key, id: string, chosen: (value: string) => void): HTMLSelectElement {
    const name = this.shell.words.say(label);
    const select = element("select", { id, "aria-label": name, hidden: true });
    select.addEventListener("change", () => {
      chosen(select.value);
      this.draw();
    });
    return select;
  }

  private put(frame: Frame, kept: Kept | undefined): void {
    if (kept === undefined) {
      frame.show(null, "");
      return;
    }
    const query = new URLSearchParams({ at: String(kept.at) });
    if (kept.condition !== null) query.set("condition", kept.condition);
    const source = `/api/v1/cameras/${this.id}/pictures/${kept.kind}.jpg?${query}`;
    frame.show(source, this.shell.words.dayAndTime(kept.takenMs));
  }

  private async fetchCurrent(): Promise<void> {
    if (this.fetching) return;
    this.fetching = true;
    try {
      const url = `/api/v1/cameras/${this.id}/snapshot.jpg?width=${WIDTH}`;
      const signal = AbortSignal.timeout(FETCH_MS);
      const answer = await fetch(url, { cache: "no-store", signal });
      if (!answer.ok) return;
      const blob = await answer.blob();
      const before = this.blob;
      this.blob = URL.createObjectURL(blob);
      const at = capturedAt(answer.headers);
      this.current.show(this.blob, at === null ? "" : this.shell.words.dayAndTime(at));
      // The image has taken the new one by then.
      if (before !== null) setTimeout(() => URL.revokeObjectURL(before), 1000);
    } catch {
      // Not there yet, or cut off: its time goes on telling how old it is.
    } finally {
      this.fetching = false;
    }
  }

  private button(text: Key, title: Key, action: "confirm" | "reset"): HTMLButtonElement {
    const { words } = this.shell;
    const button = element("button", { type: "button", title: words.say(title) }, words.say(text));
    button.addEventListener("click", async () => {
      if (action === "reset" && !window.confirm(words.say("camera.reset-sure"))) return;
      button.disabled = true;
      const answer = await order("POST", `cameras/${this.id}/references`, { action });
      button.disabled = false;
      const why = answer.ok ? "" : words.said(answer.why) || words.say("health.no-answer");
      write(this.said, answer.ok ? words.say("camera.done") : words.say("health.failed", { why }));
      this.refresh();
    });
    return button;
  }
}

function keyOf({ condition, at }: Kept): string {
  return `${condition} ${at}`;
}
