// Figures of many samples.

/** The value below which this share of the samples lies. */
export function quantile(samples, share) {
  const sorted = samples.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}

export const ms = (value) => `${Math.round(value)} ms`;
export const percent = (share) => `${(share * 100).toFixed(1)} %`;
export const sleep = (forMs) => new Promise((resolve) => setTimeout(resolve, forMs));
