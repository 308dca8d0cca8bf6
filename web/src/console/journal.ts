//! The operator's log: what was noted and which moments were marked, kept by the service as records.

import type { Bench } from "../alert/bench";
import { element, fill, hide } from "../dom";
import type { Words } from "../i18n";
import { write } from "../page";
import { type JournalRecord, readJournal } from "../wire/desk";

/** Kinds of records that operators write. */
const KINDS = ["operator-log", "bookmark"] as const;
export type Entry = (typeof KINDS)[number];

const LINES = 8;
/** Others write, too. */
const EVERY_S = 30;
const TEXT_MAX = 500;

export class Journal {
  private readonly list = element("ol", { class: "entries" });
  private readonly none: HTMLElement;
  private seconds = 0;

  constructor(
    root: HTMLElement,
    private readonly words: Words,
    private readonly bench: Bench,
  ) {
    root.ariaLabel = words.say("console.journal");
    this.none = element("p", { class: "none" }, words.say("console.journal-none"));
    const all = element("a", { href: bench.link("/alerts/records") }, words.say("console.all"));
    const head = element("div", { class: "head" }, element("h2", {}, words.say("console.journal")));
    head.append(all);
    root.append(head, this.none, this.list);
  }

  second(): void {
    if (this.seconds % EVERY_S === 0) void this.fetch();
    this.seconds += 1;
  }

  /**
   * Writes an entry; told again under the same key it is the same one, so that a try whose answer
   * was lost may be repeated. Answers why not, or `null`.
   */
  async write(
    kind: Entry,
    text: string,
    camera: string | null,
    operator: string,
  ): Promise<string | null> {
    const body = {
      system: "console",
      key: crypto.randomUUID(),
      kind,
      text: text.slice(0, TEXT_MAX),
      ...(camera === null ? {} : { camera }),
      data: { operator },
    };
    const tell = () => this.bench.call.post("events", body, () => null);
    let answer = await tell();
    if (!answer.ok && answer.status === 0) answer = await tell();
    if (!answer.ok) return this.words.said(answer.why) || this.words.say("health.no-answer");
    void this.fetch();
    return null;
  }

  private async fetch(): Promise<void> {
    const { call } = this.bench;
    const pages = await Promise.all(
      KINDS.map((kind) => call.get(`records?kind=${kind}&limit=${LINES}`, readJournal)),
    );
    if (!pages.some(({ ok }) => ok)) return;
    const known = pages.flatMap((page) => (page.ok ? page.value.records : []));
    // A service that does not filter by kind answers with others, too.
    const own = known.filter(({ kind }) => KINDS.some((one) => one === kind));
    const unique = [...new Map(own.map((one) => [one.id, one])).values()];
    this.show(unique.sort((a, b) => b.atMs - a.atMs).slice(0, LINES));
  }

  private show(records: readonly JournalRecord[]): void {
    hide(this.none, records.length > 0);
    fill(
      this.list,
      records.map((record) => this.line(record)),
    );
  }

  private line({ kind, atMs, camera, text }: JournalRecord): HTMLElement {
    const known = camera === null ? null : this.bench.names.camera(camera);
    const what = element("span", { class: "mark", "aria-hidden": "true" });
    write(what, kind === "bookmark" ? "⚑" : "✎");
    const said = this.words.known("kind", kind);
    const time = element("time", {}, this.words.moment(atMs, this.bench.now()));
    const about = known === null ? "" : `${known.number} `;
    const line = element("li", { title: said }, what, time, element("b", {}, about), text);
    line.prepend(element("span", { class: "unseen" }, `${said}: `));
    return line;
  }
}
