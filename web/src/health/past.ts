//! The camera's history, newest first, with more on request, and as a table for other programs.

import { ask } from "../api";
import { badge } from "../badge";
import { element, hide } from "../dom";
import { tell, write } from "../page";
import { type Sign, signOfCondition } from "../sign";
import { type Episode, readHistory } from "../wire/past";
import type { Shell } from "./shell";

/** Lines fetched at once. */
const LINES = 50;
const MONTH_MS = 31 * 86_400_000;

export class Past {
  readonly element: HTMLElement;
  private readonly list = element("ol", { class: "past-list" });
  private readonly none: HTMLElement;
  private readonly more: HTMLButtonElement;
  private readonly problem = element("p", { class: "problem", role: "alert" });
  private lines: readonly Episode[] = [];
  private next: string | null = null;
  private asking = false;

  constructor(
    private readonly shell: Shell,
    private readonly id: string,
  ) {
    const { words } = shell;
    this.none = element("p", { class: "none", hidden: true }, words.say("camera.no-history"));
    this.more = element("button", { type: "button", id: "more", hidden: true });
    this.more.append(words.say("camera.more"));
    this.more.addEventListener("click", () => {
      if (this.next !== null) void this.fetch(this.next, this.lines);
    });
    const from = Math.round(shell.now() - MONTH_MS) * 1000;
    const csv = element("a", { download: "" }, words.say("camera.history-csv"));
    csv.href = `/api/v1/cameras/${id}/history?format=csv&from=${from}`;
    const title = element("h3", {}, words.say("camera.history"));
    this.element = element("section", { class: "past" }, title, csv, this.none, this.list);
    this.element.append(this.more, this.problem);
    this.refresh();
  }

  /** Fetches the newest lines again. */
  refresh(): void {
    void this.fetch(`cameras/${this.id}/history?limit=${LINES}`, []);
  }

  private async fetch(path: string, before: readonly Episode[]): Promise<void> {
    if (this.asking) return;
    this.asking = true;
    this.more.disabled = true;
    const answer = await ask(path, readHistory);
    this.asking = false;
    this.more.disabled = false;
    const { words } = this.shell;
    const why = answer.ok ? "" : words.said(answer.why) || words.say("health.no-answer");
    write(this.problem, answer.ok ? "" : words.say("health.failed", { why }));
    if (!answer.ok) return;
    this.lines = [...before, ...answer.value.lines];
    this.next = answer.value.next;
    hide(this.none, this.lines.length > 0);
    hide(this.more, this.next === null);
    this.list.replaceChildren(...this.lines.map((line) => this.line(line)));
  }

  private line(line: Episode): HTMLElement {
    const { words, theme } = this.shell;
    const time = element("time", {}, words.dayAndTime(line.atMs));
    const sign = signOfEpisode(line);
    const colour = sign === "good" ? theme.stripText : theme.plateSign;
    const what = element("span", { class: "what" }, badge(sign, colour), ...this.told(line));
    const evidence = tell(element("small"), line.kind === "gone" ? "" : line.evidence, words);
    return element("li", { "data-kind": line.kind }, time, what, evidence);
  }

  private told(line: Episode): readonly (HTMLElement | string)[] {
    const { words, census } = this.shell;
    if (line.kind === "gone") return [element("b", {}, words.say("camera.gone"))];
    const { maskedBy } = line;
    const masked =
      maskedBy === null
        ? ""
        : ` (${words.say("tile.site-down", { site: census.sites.name(maskedBy) })})`;
    if (line.kind === "state") {
      const why = line.conditions.map((word) => words.condition(word)).join(", ");
      const word = element("b", {}, words.known("state", line.state));
      return [word, why === "" ? "" : ` – ${why}`, masked];
    }
    const { untilMs, atMs, cutShort } = line;
    const lasted =
      untilMs === null
        ? words.say("camera.stands")
        : words.say(cutShort ? "camera.cut-short" : "camera.lasted", {
            age: words.age(untilMs - atMs),
          });
    const severity = words.say(`severity.${line.severity}`);
    const word = element("b", {}, words.condition(line.condition));
    return [word, ` – ${severity}, ${lasted}`, masked];
  }
}

function signOfEpisode(line: Episode): Sign {
  if (line.kind === "gone") return "none";
  if (line.kind === "condition") return signOfCondition(line.condition);
  if (line.state === "online") return "good";
  if (line.state === "maintenance") return "maintenance";
  if (line.maskedBy !== null) return "site";
  const first = line.conditions[0];
  if (first !== undefined) return signOfCondition(first);
  return line.state === "offline" ? "stopped" : line.state === "stalled" ? "warning" : "waiting";
}
