//! From what stands in a form to the merge patch that is sent, and back. Pure.

import type { Kind } from "./schema";

export type Value = string | number | boolean | null | readonly Value[] | Fields;
export interface Fields {
  readonly [key: string]: Value;
}

/** What a control shows of a value. */
export function shown(kind: Kind, value: Value | undefined): string {
  if (value === undefined || value === null) return "";
  if (kind.is === "texts" && Array.isArray(value)) return value.map(String).join("\n");
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

/** What a control's text means; `null` for nothing, `undefined` for what cannot be meant. */
export function meant(kind: Kind, text: string): Value | undefined {
  const trimmed = text.trim();
  if (trimmed === "") return null;
  switch (kind.is) {
    case "whole":
      return /^-?\d{1,15}$/.test(trimmed) ? Number(trimmed) : undefined;
    case "flag":
      return trimmed === "true";
    case "texts":
      return trimmed
        .split(/[\n,]/)
        .map((one) => one.trim())
        .filter((one) => one !== "");
    default:
      return trimmed;
  }
}

/** A value that was typed as JSON; text that is none is meant as text. */
export function typed(text: string): Value {
  const trimmed = text.trim();
  if (trimmed === "") return null;
  try {
    return JSON.parse(trimmed) as Value;
  } catch {
    return trimmed;
  }
}

/** The keys whose values differ; one that is to go is null. */
export function patch(before: Fields, after: Fields): Fields {
  const changed: Record<string, Value> = {};
  for (const [key, value] of Object.entries(after)) {
    const old = before[key] ?? null;
    if (JSON.stringify(old) !== JSON.stringify(value)) changed[key] = value;
  }
  return changed;
}
