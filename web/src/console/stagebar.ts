//! Above the grid: its layouts, the operator's own layouts, and what can be done with the chosen
//! camera. Each button says which key does the same.

import { element, fill, hide } from "../dom";
import type { Key, Words } from "../i18n";
import { write } from "../page";
import { LAYOUTS, type Layout } from "./layout";
import type { Saved } from "./saved";
import type { Scene } from "./scene";

export type StageAct =
  | "tour"
  | "save"
  | "snapshot"
  | "note"
  | "bookmark"
  | "push"
  | "hand"
  | "motion";

const ACTS: readonly (readonly [StageAct, Key, string])[] = [
  ["push", "console.push", "w"],
  ["hand", "console.hand", "g"],
  ["tour", "console.tour", "t"],
  ["snapshot", "console.snapshot", "x"],
  ["note", "console.note", "n"],
  ["bookmark", "console.bookmark", "b"],
  ["save", "console.save", "s"],
  ["motion", "motion.button", "m"],
];

/** Salvos that have a key of their own. */
const KEYED = 9;

export interface StageBarEvents {
  arrange(layout: Layout): void;
  act(act: StageAct): void;
  recall(saved: Saved): void;
  remove(saved: Saved): void;
  back(): void;
}

export class StageBar {
  readonly element = element("div", { class: "stage-bar" });
  private readonly layouts = new Map<Layout, HTMLButtonElement>();
  private readonly acts = new Map<StageAct, HTMLButtonElement>();
  private readonly saved = element("ul", { class: "saved" });
  private readonly aside = element("p", { class: "aside", role: "status", hidden: true });
  private readonly asideText = element("span");
  private drawn: readonly Saved[] | null = null;

  constructor(
    private readonly words: Words,
    private readonly events: StageBarEvents,
  ) {
    const group = element("div", { class: "layouts", role: "group" });
    group.ariaLabel = words.say("console.layouts");
    for (const layout of LAYOUTS) {
      const button = element("button", { type: "button", "data-layout": layout });
      button.textContent = layout === "1x1" ? "1" : layout.replace("x", "×");
      button.ariaLabel = words.say("console.layout", { layout: button.textContent });
      button.addEventListener("click", () => events.arrange(layout));
      this.layouts.set(layout, button);
      group.append(button);
    }
    const acts = element("div", { class: "acts" });
    for (const [act, key, short] of ACTS) {
      const button = element("button", { type: "button", "data-act": act }, words.say(key), " ");
      button.append(element("kbd", { "aria-hidden": "true" }, short));
      button.setAttribute("aria-keyshortcuts", short);
      button.addEventListener("click", () => events.act(act));
      this.acts.set(act, button);
      acts.append(button);
    }
    const back = element("button", { type: "button" }, `${words.say("console.back")} · Esc`);
    back.addEventListener("click", () => events.back());
    this.aside.append(this.asideText, back);
    this.saved.ariaLabel = words.say("console.saved");
    this.element.append(group, acts, this.saved, this.aside);
  }

  show(scene: Scene, saved: readonly Saved[], motion: boolean): void {
    for (const [layout, button] of this.layouts) {
      button.ariaPressed = String(layout === scene.layout);
    }
    for (const [act, button] of this.acts) {
      const needsCamera = act === "snapshot" || act === "push" || act === "hand";
      button.disabled = needsCamera && scene.camera === null;
    }
    const moving = this.acts.get("motion");
    if (moving !== undefined) moving.ariaPressed = String(motion);
    const { aside } = scene;
    hide(this.aside, aside === null && !scene.large);
    write(this.asideText, aside ?? this.words.say("console.large"));
    if (saved !== this.drawn) this.drawSaved(saved);
  }

  private drawSaved(saved: readonly Saved[]): void {
    this.drawn = saved;
    hide(this.saved, saved.length === 0);
    fill(
      this.saved,
      saved.map((one, at) => {
        const call = element("button", { type: "button", class: "salvo" }, one.name);
        if (at < KEYED) call.prepend(element("kbd", {}, `⇧${at + 1}`), " ");
        call.addEventListener("click", () => this.events.recall(one));
        const remove = element("button", { type: "button", class: "remove" }, "✕");
        remove.ariaLabel = this.words.say("console.remove", { name: one.name });
        remove.addEventListener("click", () => this.events.remove(one));
        return element("li", {}, call, remove);
      }),
    );
  }
}
