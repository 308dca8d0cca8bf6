//! The ladder, drawn: eight rungs between two rails, the broken ones broken.

import { badge } from "../badge";
import { element, fill } from "../dom";
import { signOfCondition } from "../sign";
import type { Camera } from "../wire/messages";
import type { Detail } from "../wire/past";
import { type Drawn, draw, type Step } from "./ladder";
import type { Shell } from "./shell";

const MARKS: Readonly<Record<Step, string>> = { holds: "✓", broken: "✕", unknown: "?" };

export class LadderView {
  readonly element: HTMLElement;
  private readonly list = element("ol", { class: "ladder" });
  private key = "";

  constructor(private readonly shell: Shell) {
    const title = element("h3", {}, shell.words.say("camera.ladder"));
    this.element = element("section", { class: "ladder-box" }, title, this.list);
  }

  show(camera: Camera, detail: Detail | null): void {
    const clockKnown = detail === null || detail.stream.clockOffsetS !== null;
    const rungs = draw(camera, clockKnown);
    const key = JSON.stringify(rungs);
    if (key === this.key) return;
    this.key = key;
    // Read from the ground up, drawn from the top down.
    fill(this.list, rungs.map((one) => this.rung(one)).reverse());
  }

  private rung({ rung, step, standing, isLowest }: Drawn): HTMLElement {
    const { words, theme } = this.shell;
    const mark = element("span", { class: "mark", "aria-hidden": "true" }, MARKS[step]);
    const word = element("span", { class: "word" }, words.say(`rung.${rung}`));
    const said = element("span", { class: "said" }, words.say(`step.${step}`));
    const bar = element("span", { class: "bar-of-rung" }, mark, word, said);
    const why = element("span", { class: "why" });
    for (const { condition } of standing) {
      why.append(badge(signOfCondition(condition), theme.plateSign));
      why.append(element("b", {}, words.condition(condition)));
    }
    const attributes = { "data-rung": rung, "data-step": step, "data-lowest": isLowest };
    return element("li", attributes, bar, why);
  }
}
