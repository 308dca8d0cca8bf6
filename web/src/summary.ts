//! The wall's counts: in the header for everybody who looks up, and now and then for a screen reader.

import { badge } from "./badge";
import type { Theme } from "./draw/theme";
import { type Count, countOf, type Face } from "./face";
import type { Words } from "./i18n";
import { part, write } from "./page";
import type { Site } from "./wire/health";
import type { Camera } from "./wire/messages";

/** Names of sites in the header; of more, only the number is told. */
const NAMED_MAX = 3;
/** A screen reader hears counts at most this often. */
const ANNOUNCE_MS = 10_000;

export type Cell = readonly [Camera | undefined, Face | undefined];

export class Summary {
  private announcedMs = 0;
  private readonly suspect: HTMLElement;
  private readonly maintenance: HTMLElement;
  private readonly sites: HTMLElement;

  constructor(
    private readonly words: Words,
    theme: Theme,
  ) {
    const link = part("health", HTMLAnchorElement);
    link.textContent = words.say("large.health");
    link.href = `/health${location.search}`;
    const signed = (id: string, ...sign: Parameters<typeof badge>): HTMLElement => {
      const text = document.createElement("span");
      part(id, HTMLElement).append(badge(...sign), text);
      return text;
    };
    this.suspect = signed("suspect", "warning", theme.strip);
    this.maintenance = signed("maintenance", "maintenance", theme.number);
    this.sites = signed("sites", "site", theme.strip);
  }

  /** `believed`: the service still tells what it sees; without that nothing counts as live. */
  show(atMs: number, cells: readonly Cell[], down: readonly Site[], believed: boolean): void {
    const { words } = this;
    const counts = tally(cells, believed);
    const total = cells.length;
    const { live, suspect, maintenance, not } = counts;
    write(part("total", HTMLElement), words.say("summary.all", { total }));
    write(part("live", HTMLElement), words.say("summary.live", { live }));
    write(part("not", HTMLElement), words.say("summary.not", { not }));
    part("not", HTMLElement).classList.toggle("some", not > 0);
    const names = down.slice(0, NAMED_MAX).map((site) => site.name);
    if (down.length > NAMED_MAX) names.push("…");
    const sites = words.say("summary.sites", { n: down.length, names: names.join(", ") });
    some(this.suspect, suspect, words.say("summary.suspect", { n: suspect }));
    some(this.maintenance, maintenance, words.say("summary.maintenance", { n: maintenance }));
    some(this.sites, down.length, sites);
    if (atMs - this.announcedMs < ANNOUNCE_MS) return;
    this.announcedMs = atMs;
    const said = { total, ...counts, sites: down.length === 0 ? "" : sites };
    write(part("announce", HTMLElement), words.say("summary.said", said).trim());
  }
}

/** What is not there is not told of. */
function some(text: HTMLElement, n: number, said: string): void {
  write(text, said);
  const whole = text.parentElement;
  if (whole !== null && whole.hidden !== (n === 0)) whole.hidden = n === 0;
}

export function tally(cells: readonly Cell[], believed: boolean): Readonly<Record<Count, number>> {
  const counts = { live: 0, suspect: 0, maintenance: 0, not: 0 };
  for (const [camera, face] of cells) {
    const count = camera === undefined || face === undefined ? "not" : countOf(camera, face);
    const claims = count === "live" || count === "suspect";
    counts[claims && !believed ? "not" : count] += 1;
  }
  return counts;
}
