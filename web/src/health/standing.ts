//! What stands at a camera now: each condition with how much it matters, since when, the service's
//! evidence, and what to try next.

import { badge } from "../badge";
import { element, fill, hide } from "../dom";
import { signOfCondition } from "../sign";
import type { Standing } from "../wire/health";
import type { Camera } from "../wire/messages";
import { isWell } from "./filter";
import { sinceOf } from "./rowface";
import type { Shell } from "./shell";

export class StandingView {
  readonly element: HTMLElement;
  private readonly well: HTMLElement;
  private readonly list = element("div", { class: "standing-list" });
  private key = "";

  constructor(private readonly shell: Shell) {
    const { words } = shell;
    this.well = element("p", { class: "none" }, words.say("camera.well"));
    const title = element("h3", {}, words.say("camera.standing"));
    this.element = element("section", { class: "standing" }, title, this.well, this.list);
  }

  show(camera: Camera): void {
    const { words } = this.shell;
    const nowMs = this.shell.now();
    hide(this.well, !isWell(camera));
    const ages = camera.standing.map(({ sinceMs }) => words.age(nowMs - (sinceMs ?? nowMs)));
    const key = JSON.stringify([camera.standing, ages]);
    if (key === this.key) return;
    this.key = key;
    fill(
      this.list,
      camera.standing.map((one) => this.card(one, nowMs)),
    );
  }

  private card({ condition, severity, sinceMs, evidence }: Standing, nowMs: number): HTMLElement {
    const { words, theme } = this.shell;
    const sign = badge(signOfCondition(condition), theme.plateSign);
    const word = element("b", {}, words.condition(condition));
    const how = element(
      "span",
      { class: "severity", "data-severity": severity },
      words.say(`severity.${severity}`),
    );
    const since = sinceMs === null ? "" : sinceOf(sinceMs, words, nowMs);
    const head = element("h4", {}, sign, word, how, element("span", { class: "since" }, since));
    const card = element("article", { "data-condition": condition }, head);
    if (evidence !== "") {
      const term = element("span", { class: "term" }, `${words.say("health.evidence")}: `);
      card.append(
        element("p", { class: "evidence" }, term, element("q", { lang: "en" }, evidence)),
      );
    }
    const steps = words.advice(condition);
    if (steps.length > 0) {
      card.append(element("p", { class: "term" }, words.say("camera.try")));
      const list = element("ol", { class: "steps" });
      for (const step of steps) list.append(element("li", {}, step));
      card.append(list);
    }
    return card;
  }
}
