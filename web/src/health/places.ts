//! The site tree beside the list: how many cameras of each can be watched, and which are down.
//! Elements stay while their words change: a click that takes a moment must not miss.

import { Badge, badge } from "../badge";
import { element, fill, hide } from "../dom";
import type { Theme } from "../draw/theme";
import type { Words } from "../i18n";
import { tell, write } from "../page";
import type { Branch, Sites } from "../sites";
import type { Site } from "../wire/health";
import { sinceOf } from "./rowface";

interface Place {
  readonly item: HTMLElement;
  readonly button: HTMLButtonElement;
  readonly sign: Badge;
  readonly name: HTMLElement;
  readonly count: HTMLElement;
  readonly down: HTMLElement;
}

interface Alarm {
  readonly button: HTMLButtonElement;
  readonly text: HTMLElement;
  readonly evidence: HTMLElement;
}

export class Places {
  readonly element: HTMLElement;
  /** One line per site that is down, above the list. */
  readonly alarms = element("div", { class: "alarms", role: "status" });
  private readonly list = element("ul", { class: "places" });
  private readonly none: HTMLElement;
  private readonly places = new Map<string, Place>();
  private readonly told = new Map<string, Alarm>();
  private wished = "";

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
    this.wished = wished;
    hide(this.none, sites.tree.length > 0);
    for (const id of this.places.keys()) if (sites.site(id) === undefined) this.places.delete(id);
    fill(
      this.list,
      sites.tree.map((branch) => this.place(branch, nowMs)),
    );
    const { down } = sites;
    for (const id of this.told.keys()) {
      if (!down.some((site) => site.id === id)) this.told.delete(id);
    }
    fill(
      this.alarms,
      down.map((site) => this.alarm(site, sites.path(site.id).join(" › "), nowMs)),
    );
  }

  private place({ site, depth }: Branch, nowMs: number): HTMLElement {
    const { words } = this;
    const { id, name, cameras, watchable, downSinceMs, evidence } = site;
    const place = this.places.get(id) ?? this.newPlace(id);
    const isDown = downSinceMs !== null;
    place.button.style.paddingLeft = `${0.6 + depth * 1.1}em`;
    place.button.ariaPressed = String(this.wished === id);
    place.button.title = words.said(evidence ?? "");
    hide(place.sign.element, !isDown);
    write(place.name, name);
    write(place.count, words.say("sites.count", { watchable, cameras }));
    place.count.title = words.say("sites.count-long", { watchable, cameras });
    place.count.classList.toggle("some", watchable < cameras);
    hide(place.down, !isDown);
    const age = words.age(Math.max(0, nowMs - (downSinceMs ?? nowMs)));
    const time = words.moment(downSinceMs ?? nowMs, nowMs);
    write(place.down, isDown ? words.say("sites.down", { time, age }) : "");
    return place.item;
  }

  private newPlace(id: string): Place {
    const sign = new Badge();
    sign.show("site", this.theme.plateSign);
    const name = element("span", { class: "place-name" });
    const count = element("span", { class: "count" });
    const down = element("span", { class: "down" });
    const button = element("button", { type: "button", class: "place", "data-site": id });
    button.append(sign.element, name, count, down);
    button.addEventListener("click", () => this.chosen(this.wished === id ? "" : id));
    const place = { item: element("li", {}, button), button, sign, name, count, down };
    this.places.set(id, place);
    return place;
  }

  private alarm(site: Site, path: string, nowMs: number): HTMLElement {
    const alarm = this.told.get(site.id) ?? this.newAlarm(site.id);
    const time = sinceOf(site.downSinceMs ?? nowMs, this.words, nowMs);
    const said = { site: path, time, cameras: site.cameras };
    write(alarm.text, this.words.say("sites.down-title", said));
    tell(alarm.evidence, site.evidence ?? "", this.words);
    return alarm.button;
  }

  private newAlarm(id: string): Alarm {
    const text = element("span");
    const evidence = element("small");
    const button = element("button", { type: "button", class: "alarm" });
    button.append(badge("site", this.theme.suspectInk), text, evidence);
    button.addEventListener("click", () => this.chosen(id));
    const alarm = { button, text, evidence };
    this.told.set(id, alarm);
    return alarm;
  }
}
