//! One value of JSON as a type: what does not fit is told apart, whatever sent it.

export type Json = Readonly<Record<string, unknown>>;

const TEXT_MAX = 200;
/** Evidence and reasons are sentences, not names. */
export const SENTENCE_MAX = 500;
/** The last moment that a `Date` can hold, microseconds. */
const TIME_MAX_US = 8.64e18;

export function object(value: unknown): Json | undefined {
  const is = typeof value === "object" && value !== null && !Array.isArray(value);
  return is ? (value as Json) : undefined;
}

/** An answer that is a list, or an object that holds one under one of these names. */
export function list(json: unknown, ...names: readonly string[]): readonly unknown[] {
  if (Array.isArray(json)) return json;
  const holder = object(json);
  const found = names.map((name) => holder?.[name]).find(Array.isArray);
  return found ?? [];
}

/** A text as it is, for forms and ids; empty for what is no text. */
export function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

/** Unix microseconds as milliseconds; `null` for what is no time. */
export function readTime(value: unknown): number | null {
  const usable = typeof value === "number" && Number.isFinite(value) && value > 0;
  return usable && value <= TIME_MAX_US ? value / 1000 : null;
}

export function readU32(value: unknown): number | undefined {
  const fits = typeof value === "number" && Number.isInteger(value) && value >= 0;
  return fits && value <= 0xffff_ffff ? value : undefined;
}

/** Text for people: shortened, without control characters and without marks that turn its direction. */
export function readText(value: unknown, longest = TEXT_MAX): string | null | undefined {
  if (value === null) return null;
  if (typeof value !== "string") return undefined;
  let text = "";
  for (const letter of value.slice(0, longest)) {
    const code = letter.codePointAt(0) ?? 0;
    const control = code < 0x20 || (code >= 0x7f && code < 0xa0);
    const turning = (code >= 0x202a && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069);
    text += control || turning ? " " : letter;
  }
  return text.trim();
}
