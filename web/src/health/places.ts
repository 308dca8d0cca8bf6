//! The site tree beside the list: how many cameras of each can be watched, and which are down.

import { badge } from "../badge";
import { element, fill, hide } from "../dom";
import type { Theme } from "../draw/theme";
import type { Words } from "../i18n";
import type { Branch, Sites } from "../sites";
import { sinceOf } from "./rowface";

export class Places {
  readonly element: HTMLElement;
  /** One line per site that is down, above the list. */
  readonly alarms = element("div", { class: "alarms", role: "status" });
  private readonly list = element("ul", { class: "places" });
  private readonly none: HTMLElement;
  private key = "";

  constructor(
    private readonly words: Words,
    private readonly theme: Theme,
    private readonly chosen: (site: string) => void,
  ) {
    this.none = element("p", { class: "none" }, words.say("sites.none"));
    const title = element("h2", {}, words.say("sites.title"));
    this.element = element("section", { id: "sites" }, title, this.none, this.list);
  }

  show(sites: Sites, wished: string, nowMs: number): void {
    hide(this.none, sites.tree.length > 0);
    const ages = sites.down.map(({ downSinceMs }) => this.words.age(nowMs - (downSinceMs ?? 0)));
    const key = JSON.stringify([sites.tree, wished, ages]);
    if (key === this.key) return;
    this.key = key;
    const focused = document.activeElement?.getAttribute("data-site");
    fill(
      this.list,
      sites.tree.map((branch) => this.branch(branch, wished, nowMs)),
    );
    // Drawing it anew must not take the keyboard away from where it was.
    if (focused !== null && focused !== undefined) {
      this.list.querySelector<HTMLElement>(`[data-site="${CSS.escape(focused)}"]`)?.focus();
    }
    fill(
      this.alarms,
      sites.down.map((site) => {
        const time = sinceOf(site.downSinceMs ?? nowMs, this.words, nowMs);
        const said = { site: sites.path(site.id).join(" › "), time, cameras: site.cameras };
        const text = element("span", {}, this.words.say("sites.down-title", said));
        const evidence = element("small", { lang: "en" }, site.evidence ?? "");
        const button = element("button", { type: "button", class: "alarm" });
        button.append(badge("site", this.theme.suspectInk), text, evidence);
        button.addEventListener("click", () => this.chosen(site.id));
        return button;
      }),
    );
  }

  private branch({ site, depth }: Branch, wished: string, nowMs: number): HTMLElement {
    const { words } = this;
    const { id, name, cameras, watchable, downSinceMs } = site;
    const button = element("button", {
      type: "button",
      class: "place",
      "data-site": id,
      "aria-pressed": String(wished === id),
    });
    button.style.paddingLeft = `${0.6 + depth * 1.1}em`;
    if (downSinceMs !== null) button.append(badge("site", this.theme.plateSign));
    const count = element(
      "span",
      { class: "count" },
      words.say("sites.count", { watchable, cameras }),
    );
    count.title = words.say("sites.count-long", { watchable, cameras });
    count.classList.toggle("some", watchable < cameras);
    button.append(element("span", { class: "place-name" }, name), count);
    if (downSinceMs !== null) {
      const age = words.age(Math.max(0, nowMs - downSinceMs));
      const time = words.moment(downSinceMs, nowMs);
      const down = words.say("sites.down", { time, age });
      button.append(element("span", { class: "down" }, down));
      button.title = site.evidence ?? "";
    }
    button.addEventListener("click", () => this.chosen(wished === id ? "" : id));
    return element("li", {}, button);
  }
}
