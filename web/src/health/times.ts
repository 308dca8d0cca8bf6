//! Times that people type and read, in Vietnam's time, which knows no summer time.

const OFFSET_MS = 7 * 3_600_000;

/** As a `datetime-local` field has it: `2026-11-23T14:30`. */
export function toField(unixMs: number): string {
  return new Date(unixMs + OFFSET_MS).toISOString().slice(0, 16);
}

/** What stands in such a field, Unix milliseconds; `null` for what is no time. */
export function fromField(text: string): number | null {
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?$/.test(text)) return null;
  const at = Date.parse(`${text}Z`);
  return Number.isNaN(at) ? null : at - OFFSET_MS;
}

/** The month that it is then: `2026-11`. */
export function monthOf(unixMs: number): string {
  return toField(unixMs).slice(0, 7);
}

/** `2026-11` as people write it: `11/2026`. */
export function readableMonth(month: string): string {
  return month.split("-").reverse().join("/");
}
