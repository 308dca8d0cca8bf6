//! Words for people in two languages, and times and ages as people read them.

import { en } from "./words/en";
import { vi } from "./words/vi";

export type Key = keyof typeof vi;
export type Catalogue = Readonly<Record<Key, string>>;
export type Language = "vi" | "en";

export const CATALOGUES: Readonly<Record<Language, Catalogue>> = { vi, en };

/** `?lang=` decides, then the browser's first language that there is a catalogue for, then Vietnamese. */
export function chooseLanguage(asked: string | null, browser: readonly string[]): Language {
  for (const wish of [asked ?? "", ...browser]) {
    const language = wish.slice(0, 2).toLowerCase();
    if (language === "vi" || language === "en") return language;
  }
  return "vi";
}

/** The wall hangs in one place and all who read it are there, wherever the browser thinks it is. */
export const ZONE = "Asia/Ho_Chi_Minh";

/** One language's words. */
export class Words {
  private readonly catalogue: Catalogue;
  private readonly time: Intl.DateTimeFormat;
  private readonly day: Intl.DateTimeFormat;

  constructor(readonly language: Language) {
    this.catalogue = CATALOGUES[language];
    this.day = new Intl.DateTimeFormat("en-GB", {
      timeZone: ZONE,
      day: "2-digit",
      month: "2-digit",
      year: "numeric",
    });
    this.time = new Intl.DateTimeFormat("en-GB", {
      timeZone: ZONE,
      hour: "2-digit",
      minute: "2-digit",
      second: "2-digit",
      hourCycle: "h23",
    });
  }

  /** The words for a key, with `{name}` filled in. */
  say(key: Key, values: Readonly<Record<string, string | number>> = {}): string {
    return this.catalogue[key].replace(/\{(\w+)\}/g, (_, name: string) =>
      String(values[name] ?? ""),
    );
  }

  /** A condition's words; one that this page does not know yet is shown as the service calls it. */
  condition(word: string): string {
    return this.known("condition", word);
  }

  /** A word of the service in this kind of words, or as the service says it. */
  known(kind: "condition" | "state", word: string): string {
    const key = `${kind}.${word}`;
    return key in this.catalogue ? this.say(key as Key) : word.replaceAll("-", " ");
  }

  /** What to try about a condition, step by step; nothing for one that this page does not know. */
  advice(condition: string): readonly string[] {
    const key = `advice.${condition}`;
    return key in this.catalogue ? this.say(key as Key).split("\n") : [];
  }

  /** Why the service closed a socket; empty when it did not say. */
  closed(code: number | null): string {
    const key = `closed.${code}`;
    return key in this.catalogue ? this.say(key as Key) : "";
  }

  /** `HH:MM:SS` in Vietnam. */
  timeOfDay(unixMs: number): string {
    return this.time.format(unixMs);
  }

  /** `HH:MM`, with `DD/MM` before it unless that is today. */
  moment(unixMs: number, nowMs = Date.now()): string {
    const time = this.timeOfDay(unixMs).slice(0, 5);
    const day = this.day.format(unixMs);
    return day === this.day.format(nowMs) ? time : `${day.slice(0, 5)} ${time}`;
  }

  /** `DD/MM/YYYY HH:MM:SS`. */
  dayAndTime(unixMs: number): string {
    return `${this.day.format(unixMs)} ${this.timeOfDay(unixMs)}`;
  }

  /** An age in a few letters, for a tile. */
  shortAge(ms: number): string {
    const [unit, n] = span(ms);
    return this.say(({ s: "age.s", min: "age.min", h: "age.h", d: "age.d" } as const)[unit], { n });
  }

  /** An age in words. */
  age(ms: number): string {
    const [unit, n] = span(ms);
    const keys = { s: "age.seconds", min: "age.minutes", h: "age.hours", d: "age.days" } as const;
    return this.say(keys[unit], { n });
  }

  /** A refresh interval, with a decimal while that says something. */
  interval(ms: number): string {
    const seconds = ms / 1000;
    const n = seconds < 9.95 ? Math.round(seconds * 10) / 10 : Math.round(seconds);
    return this.say("age.s", { n });
  }
}

type Unit = "s" | "min" | "h" | "d";

/** Whole units that have passed; the unit changes late, so that two digits always say something. */
function span(ms: number): readonly [Unit, number] {
  const s = Math.floor(ms / 1000);
  if (s < 100) return ["s", s];
  if (s < 100 * 60) return ["min", Math.floor(s / 60)];
  if (s < 48 * 3600) return ["h", Math.floor(s / 3600)];
  return ["d", Math.floor(s / 86_400)];
}
