//! Saying things in a language: words with places to fill in, and times and ages as people read
//! them. Which words there are is the page's choice, so that a phone loads only its own.

import { type Pairs, Sentences } from "./sentences";

export type Language = "vi" | "en";

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

/** One language's words; `K` are the keys that its page needs. */
export class Speech<K extends string> {
  private readonly time: Intl.DateTimeFormat;
  private readonly day: Intl.DateTimeFormat;
  private readonly sentences: Sentences;

  /** `sentences` are those of the service that its page shows. */
  constructor(
    readonly language: Language,
    private readonly catalogue: Readonly<Record<K, string>>,
    ...sentences: readonly Pairs[]
  ) {
    this.sentences = new Sentences(...(language === "vi" ? sentences : []));
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
  say(key: K, values: Readonly<Record<string, string | number>> = {}): string {
    return this.catalogue[key].replace(/\{(\w+)\}/g, (_, name: string) =>
      String(values[name] ?? ""),
    );
  }

  /** A condition's words; one that this page does not know yet is shown as the service calls it. */
  condition(word: string): string {
    return this.known("condition", word);
  }

  /** A word of the service in this kind of words, or as the service says it. */
  known(kind: string, word: string): string {
    const key = `${kind}.${word}`;
    return key in this.catalogue ? this.say(key as K) : word.replaceAll("-", " ");
  }

  /** What to try about a condition, step by step; nothing for one that this page does not know. */
  advice(condition: string): readonly string[] {
    const key = `advice.${condition}`;
    return key in this.catalogue ? this.say(key as K).split("\n") : [];
  }

  /** What the service said, in the page's language; as it said it, which is English, if it is not known. */
  said(text: string): string {
    return this.sentences.vietnamese(text);
  }

  /** Why the service closed a socket; empty when it did not say. */
  closed(code: number | null): string {
    const key = `closed.${code}`;
    return key in this.catalogue ? this.say(key as K) : "";
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
    return this.say(`age.${unit}` as K, { n });
  }

  /** An age in words. */
  age(ms: number): string {
    const [unit, n] = span(ms);
    const names = { s: "seconds", min: "minutes", h: "hours", d: "days" };
    return this.say(`age.${names[unit]}` as K, { n });
  }

  /** A refresh interval, with a decimal while that says something. */
  interval(ms: number): string {
    const seconds = ms / 1000;
    const n = seconds < 9.95 ? Math.round(seconds * 10) / 10 : Math.round(seconds);
    return this.say("age.s" as K, { n });
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
