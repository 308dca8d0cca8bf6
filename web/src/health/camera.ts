//! One camera's page: where on the ladder it stands and why, what to try, its figures, pictures,
//! past and availability.

import { ask, order } from "../api";
import { Badge } from "../badge";
import { element, fill, hide } from "../dom";
import { listRemembered } from "../memory";
import { part, write } from "../page";
import type { Camera } from "../wire/messages";
import { type Detail, readDetail } from "../wire/past";
import { Availability } from "./availability";
import { cameraFacts, type Fact, streamFacts } from "./facts";
import { LadderView } from "./ladderview";
import { OrderForm } from "./orders";
import { Past } from "./past";
import { PicturesView } from "./picturesview";
import { Plots } from "./plots";
import { rowSignOf } from "./rowface";
import type { Page, Shell } from "./shell";
import { StandingView } from "./standing";

/** What only HTTP tells is asked for again this often, and whenever the state changes. */
const ASK_EVERY_S = 15;
/** There is one point of the plots a minute. */
const PLOT_EVERY_S = 60;

export class CameraPage implements Page {
  private readonly badge = new Badge();
  private readonly number = element("span", { class: "number" });
  private readonly name = element("h2", {}, "");
  private readonly place = element("p", { class: "place-path" });
  private readonly state = element("strong", { id: "state" });
  private readonly since = element("span", { id: "since" });
  private readonly notice = element("p", { class: "notice", hidden: true });
  private readonly told = element("span");
  private readonly end = element("button", { type: "button", class: "end" });
  private readonly facts = element("dl", { class: "facts" });
  private readonly missing: HTMLElement;
  private readonly body = element("div", { class: "camera-body" });
  private readonly ladder: LadderView;
  private readonly standing: StandingView;
  private readonly plots: Plots;
  private readonly pictures: PicturesView;
  private readonly past: Past;
  private readonly availability: Availability;
  private detail: Detail | null = null;
  private seconds = 0;
  private stateKey = "";

  constructor(
    private readonly shell: Shell,
    main: HTMLElement,
    private readonly id: string,
  ) {
    const { words } = shell;
    const back = part("back", HTMLAnchorElement);
    back.textContent = `← ${words.say("health.back")}`;
    back.href = backTo(shell);
    back.hidden = false;
    write(part("title", HTMLElement), words.say("health.title"));
    this.missing = element("p", { class: "none", hidden: true });
    write(this.missing, words.say("health.unknown-camera", { id }));
    this.ladder = new LadderView(shell);
    this.standing = new StandingView(shell);
    this.plots = new Plots(shell, id);
    this.pictures = new PicturesView(shell, id);
    this.past = new Past(shell, id);
    this.availability = new Availability(shell, id);
    this.end.append(words.say("order.end"));
    this.end.addEventListener("click", () => void this.endOrder());
    this.notice.append(this.told, this.end);
    const form = new OrderForm(shell, id, () => {});
    const named = element("div", { class: "who" }, this.number, this.name, this.place);
    const told = element(
      "p",
      { class: "verdict" },
      this.badge.element,
      this.state,
      " ",
      this.since,
    );
    const head = element("section", { class: "head" }, named, told, this.notice, this.facts);
    head.append(form.element);
    this.body.append(head, this.ladder.element, this.standing.element, this.pictures.element);
    this.body.append(this.plots.element, this.availability.element, this.past.element);
    main.className = "camera-page";
    main.append(this.missing, this.body);
  }

  changed(): void {
    const { census, words } = this.shell;
    const camera = census.camera(this.id);
    hide(this.missing, !census.listed || camera !== undefined);
    hide(this.body, camera === undefined);
    if (camera === undefined) return;
    document.title = `${camera.number} ${camera.name}`;
    this.describe(camera);
    this.ladder.show(camera, this.detail);
    this.standing.show(camera);
    this.pictures.show(camera);
    // Something happened: what is written down of it can be read now.
    const key = JSON.stringify([camera.state, camera.conditions, camera.maskedBy]);
    if (key !== this.stateKey && this.stateKey !== "") {
      this.past.refresh();
      this.pictures.refresh();
      void this.fetch();
    }
    this.stateKey = key;
    write(part("title", HTMLElement), words.say("health.title"));
  }

  second(): void {
    if (this.seconds % ASK_EVERY_S === 0) void this.fetch();
    if (this.seconds % PLOT_EVERY_S === 0) this.plots.refresh();
    this.pictures.second();
    this.seconds += 1;
    const camera = this.shell.census.camera(this.id);
    if (camera !== undefined) this.describe(camera);
    if (camera !== undefined) this.standing.show(camera);
  }

  private async fetch(): Promise<void> {
    const answer = await ask(`cameras/${this.id}`, readDetail);
    if (!answer.ok) return;
    this.detail = answer.value;
    this.availability.show(this.detail.availability);
    this.pictures.judged(this.detail.stream.sight);
    const camera = this.shell.census.camera(this.id);
    if (camera !== undefined) this.ladder.show(camera, this.detail);
  }

  private async endOrder(): Promise<void> {
    const id = this.shell.census.camera(this.id)?.maintenance?.id;
    if (id === undefined) return;
    this.end.disabled = true;
    await order("DELETE", `maintenance/${id}`);
    // That it ended is told by the camera itself.
    this.end.disabled = false;
  }

  private describe(camera: Camera): void {
    const { words, theme, census } = this.shell;
    const nowMs = this.shell.now();
    const { state, sinceMs, maskedBy, maintenance } = camera;
    write(this.number, String(camera.number));
    write(this.name, camera.name);
    write(
      this.place,
      camera.site === null ? camera.id : census.sites.path(camera.site).join(" › "),
    );
    const sign = rowSignOf(camera);
    this.badge.show(sign, sign === "good" ? theme.stripText : theme.plateSign);
    this.state.dataset.state = state;
    write(this.state, words.say(`state.${state}`));
    const time = sinceMs === null ? "" : words.moment(sinceMs, nowMs);
    const age = words.age(Math.max(0, nowMs - (sinceMs ?? nowMs)));
    write(this.since, sinceMs === null ? "" : words.say("camera.since", { time, age }));
    const ordered =
      maintenance === null
        ? ""
        : words.say("camera.in-maintenance", {
            time: maintenance.untilMs === null ? "" : words.moment(maintenance.untilMs, nowMs),
            reason: maintenance.reason,
            by: maintenance.by,
          });
    const cause =
      maskedBy === null ? "" : words.say("camera.masked", { site: census.sites.name(maskedBy) });
    write(this.told, [ordered, cause].filter((text) => text !== "").join(" "));
    hide(this.notice, ordered === "" && cause === "");
    hide(this.end, maintenance === null);
    list(this.facts, cameraFacts(camera, words, nowMs));
    if (this.detail !== null) {
      list(this.plots.facts, streamFacts(this.detail.stream, words, nowMs));
    }
  }
}

/** Terms and values; what stays as it is is not written again. */
function list(into: HTMLElement, facts: readonly Fact[]): void {
  const key = facts.flat().join("|");
  if (into.dataset.key === key) return;
  into.dataset.key = key;
  fill(
    into,
    facts.map(([term, value]) =>
      element("div", {}, element("dt", {}, term), element("dd", {}, value)),
    ),
  );
}

/** The list as it was left, in the language and colours of now. */
function backTo(shell: Shell): string {
  const left = Object.fromEntries(new URLSearchParams(listRemembered() ?? ""));
  return shell.link("/health", left);
}
