//! What stands at a camera now: each condition with how much it matters, since when, the service's
//! evidence, and what to try next.

import { badge } from "../badge";
import { element, fill, hide } from "../dom";
import { tell, write } from "../page";
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
  /** What tells how long something stands, which goes on. */
  private readonly ages: (readonly [HTMLElement, number])[] = [];
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
    const key = JSON.stringify(camera.standing);
    if (key !== this.key) {
      this.key = key;
      this.ages.length = 0;
      fill(
        this.list,
        camera.standing.map((one) => this.card(one)),
      );
    }
    for (const [since, sinceMs] of this.ages) write(since, sinceOf(sinceMs, words, nowMs));
  }

  private card({ condition, severity, sinceMs, evidence }: Standing): HTMLElement {
    const { words, theme } = this.shell;
    const sign = badge(signOfCondition(condition), theme.plateSign);
    const word = element("b", {}, words.condition(condition));
    const how = element(
      "span",
      { class: "severity", "data-severity": severity },
      words.say(`severity.${severity}`),
    );
    const since = element("span", { class: "since" });
    if (sinceMs !== null) this.ages.push([since, sinceMs]);
    const head = element("h4", {}, sign, word, how, since);
    const card = element("article", { "data-condition": condition }, head);
    if (evidence !== "") {
      const term = element("span", { class: "term" }, `${words.say("health.evidence")}: `);
      card.append(element("p", { class: "evidence" }, term, tell(element("q"), evidence, words)));
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
