//! Text that fits: shortened with an ellipsis, or broken into two lines and made smaller.

const FAMILY = 'system-ui, "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", sans-serif';

export function font(size: number, bold: boolean): string {
  return `${bold ? "600 " : ""}${Math.round(size)}px ${FAMILY}`;
}

/** Results kept: about two texts for each of 1,000 tiles, then all are worked out again. */
const KEPT_MAX = 2000;
const shortened = new Map<string, string>();

/** The text, or its beginning and "…", in the font that is set. */
export function shorten(to: CanvasRenderingContext2D, text: string, width: number): string {
  if (width <= 0) return "";
  const key = `${to.font}|${Math.floor(width)}|${text}`;
  const known = shortened.get(key);
  if (known !== undefined) return known;
  const letters = [...text];
  let fits = letters.length;
  if (to.measureText(text).width > width) {
    let tooLong = fits;
    fits = 0;
    while (tooLong - fits > 1) {
      const half = (fits + tooLong) >> 1;
      const short = `${letters.slice(0, half).join("").trimEnd()}…`;
      if (to.measureText(short).width <= width) fits = half;
      else tooLong = half;
    }
  }
  const whole = fits === letters.length;
  const result = whole ? text : fits === 0 ? "" : `${letters.slice(0, fits).join("").trimEnd()}…`;
  if (shortened.size >= KEPT_MAX) shortened.clear();
  shortened.set(key, result);
  return result;
}

export interface Lines {
  readonly lines: readonly string[];
  readonly size: number;
}

/** One or two lines in the largest size that fits, from `size` down to `sizeMin`. */
export function wrap(
  to: CanvasRenderingContext2D,
  text: string,
  width: number,
  size: number,
  sizeMin: number,
): Lines {
  for (let now = size; now > sizeMin; now -= 1) {
    to.font = font(now, true);
    const lines = breakInTwo(to, text, width);
    if (lines !== null) return { lines, size: now };
  }
  to.font = font(sizeMin, true);
  const lines = breakInTwo(to, text, width) ?? [shorten(to, text, width)];
  return { lines, size: sizeMin };
}

function breakInTwo(
  to: CanvasRenderingContext2D,
  text: string,
  width: number,
): readonly string[] | null {
  if (to.measureText(text).width <= width) return [text];
  const words = text.split(" ");
  let best: readonly string[] | null = null;
  let bestWidth = width;
  for (let at = 1; at < words.length; at += 1) {
    const lines = [words.slice(0, at).join(" "), words.slice(at).join(" ")];
    const widest = Math.max(...lines.map((line) => to.measureText(line).width));
    if (widest <= bestWidth) {
      best = lines;
      bestWidth = widest;
    }
  }
  return best;
}
