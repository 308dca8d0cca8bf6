//! Camera numbers as people type them: `101, 105, 110-115`.

/** A range of more is a mistake, not a drill. */
const MOST = 500;

/** The numbers in order, each once; `null` for what cannot be read. */
export function parseNumbers(text: string): readonly number[] | null {
  const found = new Set<number>();
  for (const part of text.split(/[\s,;]+/).filter((one) => one !== "")) {
    const range = /^(\d{1,9})(?:[-–](\d{1,9}))?$/.exec(part);
    if (range === null) return null;
    const from = Number(range[1]);
    const to = Number(range[2] ?? range[1]);
    if (to < from || to - from >= MOST) return null;
    for (let number = from; number <= to; number += 1) found.add(number);
    if (found.size > MOST) return null;
  }
  return [...found].sort((a, b) => a - b);
}
