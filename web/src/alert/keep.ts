//! What a phone keeps between visits: who holds it, the open alerts as they were, and what to do about
//! each kind of them. A page that may store nothing forgets it with the next load.

import { type Alert, readAlerts } from "../wire/alert";
import { list, object } from "../wire/json";

import { type People, readPeople } from "../wire/people";
import { inOrder } from "./order";
import type { Shelf } from "./outbox";

const PERSON = "watchwall.person";
const UNNAMED = "watchwall.unnamed";
const PEOPLE = "watchwall.people";
const ALERTS = "watchwall.alerts";
const PROCEDURE = "watchwall.procedure.";
/** A thousand bytes each, of the five million that a page may keep. */
const ALERTS_MAX = 200;

/** `localStorage`, or memory where there is none. */
export function openShelf(): Shelf {
  try {
    const storage = window.localStorage;
    storage.setItem("watchwall.try", "");
    storage.removeItem("watchwall.try");
    return {
      keys: () => Object.keys(storage),
      get: (key) => storage.getItem(key),
      set: (key, value) => storage.setItem(key, value),
      remove: (key) => storage.removeItem(key),
    };
  } catch {
    return inMemory();
  }
}

export function inMemory(): Shelf {
  const held = new Map<string, string>();
  return {
    keys: () => [...held.keys()],
    get: (key) => held.get(key) ?? null,
    set: (key, value) => void held.set(key, value),
    remove: (key) => void held.delete(key),
  };
}

export class Keep {
  constructor(readonly shelf: Shelf) {}

  get person(): string | null {
    return this.shelf.get(PERSON);
  }

  set person(id: string | null) {
    if (id === null) this.shelf.remove(PERSON);
    else this.shelf.set(PERSON, id);
  }

  /** Without the roster nobody knows whose alerts are whose. */
  keepPeople(json: unknown): void {
    this.try(PEOPLE, JSON.stringify(json));
  }

  get people(): People | null {
    try {
      const text = this.shelf.get(PEOPLE);
      return text === null ? null : readPeople(JSON.parse(text));
    } catch {
      return null;
    }
  }

  /** Somebody chose to go on without a name. */
  get unnamed(): boolean {
    return this.shelf.get(UNNAMED) !== null;
  }

  set unnamed(on: boolean) {
    if (on) this.shelf.set(UNNAMED, "");
    else this.shelf.remove(UNNAMED);
  }

  keepAlerts(alerts: readonly Alert[], atMs: number): void {
    const first = inOrder(alerts).slice(0, ALERTS_MAX);
    this.try(ALERTS, JSON.stringify({ at: atMs, alerts: first.map(({ raw }) => raw) }));
  }

  /** Nothing that somebody else was told stays on a shared machine. */
  forgetAlerts(): void {
    this.shelf.remove(ALERTS);
  }

  /** The alerts as they were, and when that was. */
  get alerts(): { readonly alerts: readonly Alert[]; readonly atMs: number } | null {
    try {
      const json = object(JSON.parse(this.shelf.get(ALERTS) ?? "null"));
      if (json === undefined || typeof json.at !== "number") return null;
      return { alerts: readAlerts(list(json, "alerts")), atMs: json.at };
    } catch {
      return null;
    }
  }

  /** What to do is the rule's: it is known for the next alert of the same rule, too. */
  keepProcedure(rule: string, steps: string): void {
    if (this.procedure(rule) !== steps) this.try(PROCEDURE + rule, steps);
  }

  procedure(rule: string): string | null {
    return this.shelf.get(PROCEDURE + rule);
  }

  /** There may be no room: what is only a convenience gives way. */
  private try(key: string, value: string): void {
    try {
      this.shelf.set(key, value);
    } catch {
      this.shelf.remove(key);
    }
  }
}
