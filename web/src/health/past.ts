//! The camera's history, newest first, with more on request, and as a table for other programs.

import { badge } from "../badge";
import { element, hide } from "../dom";
import { write } from "../page";
import { type Sign, signOfCondition } from "../sign";
import { type Episode, readHistory } from "../wire/past";
import { ask } from "./api";
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
  private asking = false;

  constructor(
    private readonly shell: Shell,
    private readonly id: string,
  ) {
    const { words } = shell;
    this.none = element("p", { class: "none", hidden: true }, words.say("camera.no-history"));
    this.more = element("button", { type: "button", id: "more", hidden: true });
    this.more.append(words.say("camera.more"));
    this.more.addEventListener("click", () => void this.fetch(this.lines.at(-1)?.atMs ?? null));
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
    void this.fetch(null);
  }

  private async fetch(beforeMs: number | null): Promise<void> {
    if (this.asking) return;
    this.asking = true;
    this.more.disabled = true;
    const to = beforeMs === null ? "" : `&to=${Math.round(beforeMs * 1000)}`;
    const answer = await ask(`cameras/${this.id}/history?limit=${LINES}${to}`, readHistory);
    this.asking = false;
    this.more.disabled = false;
    const { words } = this.shell;
    const why = answer.ok ? "" : answer.why || words.say("health.no-answer");
    write(this.problem, answer.ok ? "" : words.say("health.failed", { why }));
    if (!answer.ok) return;
    const older = beforeMs === null ? [] : this.lines;
    const fresh = answer.value.filter(
      (line) => !older.some((known) => keyOf(known) === keyOf(line)),
    );
    this.lines = [...older, ...fresh];
    hide(this.none, this.lines.length > 0);
    // An end is reached when a page is not full, or brings nothing new.
    hide(this.more, answer.value.length < LINES || fresh.length === 0);
    this.list.replaceChildren(...this.lines.map((line) => this.line(line)));
  }

  private line(line: Episode): HTMLElement {
    const { words, theme, census } = this.shell;
    const time = element("time", {}, words.dayAndTime(line.atMs));
    const sign: Sign =
      line.kind === "condition" ? signOfCondition(line.condition) : stateSign(line);
    const colour = sign === "good" ? theme.stripText : theme.plateSign;
    const what = element("span", { class: "what" }, badge(sign, colour));
    if (line.kind === "state") {
      what.append(element("b", {}, words.known("state", line.state)));
      const why = line.conditions.map((word) => words.condition(word)).join(", ");
      if (why !== "") what.append(` – ${why}`);
    } else {
      what.append(element("b", {}, words.condition(line.condition)));
      const severity = words.say(`severity.${line.severity}`);
      const lasted =
        line.clearedMs === null
          ? words.say("camera.stands")
          : words.say("camera.lasted", { age: words.age(line.clearedMs - line.atMs) });
      what.append(` – ${severity}, ${lasted}`);
    }
    if (line.maskedBy !== null) {
      const site = census.sites.name(line.maskedBy);
      what.append(` (${words.say("tile.site-down", { site })})`);
    }
    const evidence = element("small", { lang: "en" }, line.evidence);
    return element("li", { "data-kind": line.kind }, time, what, evidence);
  }
}

function stateSign(line: Extract<Episode, { kind: "state" }>): Sign {
  if (line.state === "online") return "good";
  if (line.state === "maintenance") return "maintenance";
  if (line.maskedBy !== null) return "site";
  const first = line.conditions[0];
  if (first !== undefined) return signOfCondition(first);
  return line.state === "offline" ? "stopped" : line.state === "stalled" ? "warning" : "waiting";
}

function keyOf(line: Episode): string {
  return `${line.kind} ${line.atMs} ${line.kind === "state" ? line.state : line.condition}`;
}
