//! How much of this month the camera could be watched: a bar, and its parts in words.

import { element, fill, hide } from "../dom";
import { write } from "../page";
import type { Shares } from "../wire/past";
import type { Shell } from "./shell";
import { monthOf, readableMonth } from "./times";

const PARTS = [
  ["available", "share.available"],
  ["suspect", "share.suspect"],
  ["notAvailable", "share.not-available"],
  ["maintenance", "share.maintenance"],
  ["unknown", "share.unknown"],
] as const;

export class Availability {
  readonly element: HTMLElement;
  private readonly title = element("h3");
  private readonly percent = element("p", { class: "percent" });
  private readonly bar = element("div", { class: "share-bar", "aria-hidden": "true" });
  private readonly parts = element("ul", { class: "shares" });
  private readonly none: HTMLElement;
  private readonly csv: HTMLAnchorElement;

  constructor(
    private readonly shell: Shell,
    id: string,
  ) {
    const { words } = shell;
    this.none = element("p", { class: "none" }, words.say("camera.no-availability"));
    this.csv = element("a", { download: "" }, words.say("camera.availability-csv"));
    this.element = element("section", { class: "availability", "data-camera": id }, this.title);
    this.element.append(this.percent, this.bar, this.parts, this.none, this.csv);
    this.show(null);
  }

  show(shares: Shares | null): void {
    const { words } = this.shell;
    const month = monthOf(this.shell.now());
    write(this.title, words.say("camera.availability", { month: readableMonth(month) }));
    this.csv.href = `/api/v1/availability?month=${month}&format=csv`;
    hide(this.none, shares !== null);
    hide(this.bar, shares === null);
    const percent = shares?.percent ?? null;
    write(
      this.percent,
      percent === null ? "" : words.say("camera.percent", { n: rounded(percent) }),
    );
    const some = PARTS.flatMap(([name, key]) => {
      const seconds = shares?.[name] ?? 0;
      return seconds > 0 ? [{ name, key, seconds }] : [];
    });
    fill(
      this.bar,
      some.map(({ name, seconds }) => {
        const piece = element("span", { "data-part": name });
        piece.style.flexGrow = String(seconds);
        return piece;
      }),
    );
    fill(
      this.parts,
      some.map(({ name, key, seconds }) =>
        element(
          "li",
          { "data-part": name },
          element("span", {}, words.say(key)),
          element("b", {}, words.age(seconds * 1000)),
        ),
      ),
    );
  }
}

/** Never rounded up to a whole: 99.99 is not 100. */
function rounded(percent: number): string {
  return (Math.floor(percent * 100) / 100).toFixed(2);
}
