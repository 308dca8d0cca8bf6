//! What happened to an alert, oldest first: its changes, what people said, and to whom it went.

import { element, fill } from "../dom";
import { tell } from "../page";
import type { AlertChange, Delivery, Detail } from "../wire/detail";
import type { Bench } from "./bench";
import type { AlertWords, Names } from "./face";

export class Story {
  readonly element: HTMLElement;
  private readonly list = element("ol", { class: "story" });

  constructor(private readonly bench: Bench) {
    const title = element("h3", {}, bench.words.say("detail.history"));
    this.element = element("section", {}, title, this.list);
  }

  show(detail: Detail): void {
    const { words, names } = this.bench;
    const lines = [
      ...detail.changes.map((change) => [change.atMs, this.change(change)] as const),
      ...detail.deliveries.map((one) => [timeOf(one), this.delivery(one)] as const),
    ];
    fill(
      this.list,
      lines
        .sort(([a], [b]) => a - b)
        .map(([atMs, line]) => {
          const time = element("time", {}, words.timeOfDay(atMs));
          return element("li", { "data-tone": line.tone }, time, " ", ...parts(line, names, words));
        }),
    );
  }

  private change(change: AlertChange): Line {
    const { words, names } = this.bench;
    return { tone: "", what: changeWords(change, words, names), by: change.by, text: change.text };
  }

  private delivery(one: Delivery): Line {
    const { words, names } = this.bench;
    const channel = one.channel === "app" ? words.say("detail.app") : one.channel;
    const nobody = one.channel === "app" ? words.say("alert.anonymous") : channel;
    const who = one.person === "" ? nobody : names.person(one.person);
    const what = words.say(`detail.${one.state}`, { who, channel });
    return { tone: one.state, what, by: "", text: one.state === "delivered" ? "" : one.error };
  }
}

interface Line {
  readonly tone: string;
  readonly what: string;
  readonly by: string;
  readonly text: string;
}

/** What nobody said, the service did. */
function parts(line: Line, names: Names, words: AlertWords): readonly (Node | string)[] {
  const { what, by, text } = line;
  const more = by === "" ? "" : ` · ${names.person(by)}`;
  const said = by === "" ? tell(element("q"), text, words) : element("q", {}, text);
  return [element("b", {}, what), more, ...(text === "" ? [] : [said])];
}

/** A change in words; one that this page does not know is told as the service calls it. */
export function changeWords(change: AlertChange, words: AlertWords, names: Names): string {
  const { what, act, told, on } = change;
  if (what === "done") return words.known("act", act);
  if (what === "escalated") {
    const who = told.map((id) => names.person(id)).join(", ");
    return words.say("what.escalated", { who: who === "" ? words.say("what.screens") : who });
  }
  const word = words.known("what", what);
  return on ? word : words.say("what.ended", { what: word });
}

function timeOf({ deliveredMs, firstMs }: Delivery): number {
  return deliveredMs ?? firstMs ?? 0;
}
