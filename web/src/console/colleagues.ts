//! Who else is at a console now, and cameras for them. What the service refuses is said in its words.

import type { Bench } from "../alert/bench";
import type { Answer } from "../api";
import { finds, searchable } from "../fold";
import { list, object, readText } from "../wire/json";

/** What is known of who is there may be so old while somebody types. */
const FRESH_MS = 5000;
const MOST = 500;

export class Colleagues {
  private there: readonly string[] = [];
  private askedMs = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly bench: Bench,
    /** Who oneself is. */
    private readonly me: () => string | null,
    private readonly changed: () => void,
  ) {}

  /** What those who are there are called; asked for anew when it is looked at. */
  get names(): readonly string[] {
    if (performance.now() - this.askedMs > FRESH_MS) void this.fetch().then(this.changed);
    return this.there.map((id) => this.bench.names.person(id));
  }

  /** The one who is meant: by id, by name, or by a part of it, if that fits one alone. */
  find(wish: string): { readonly id: string; readonly name: string } | undefined {
    const all = this.there.map((id) => ({ id, name: this.bench.names.person(id) }));
    const typed = searchable(wish);
    if (typed === "") return undefined;
    const exact = all.find(({ id, name }) => id === typed || searchable(name) === typed);
    const found = all.filter(({ id, name }) => finds(typed, searchable(`${id} ${name}`)));
    return exact ?? (found.length === 1 ? found[0] : undefined);
  }

  async fetch(): Promise<void> {
    this.askedMs = performance.now();
    const answer = await this.bench.call.get("consoles", readPeople);
    if (answer.ok) this.there = answer.value.filter((id) => id !== this.me());
  }

  send(to: string, camera: string): Promise<Answer<null>> {
    return this.bench.call.post("consoles", { to, camera }, () => null);
  }
}

function readPeople(json: unknown): readonly string[] {
  return list(json)
    .slice(0, MOST)
    .flatMap((one) => readText(object(one)?.person) || []);
}
