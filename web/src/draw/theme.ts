//! Colours, for a dark control room and for a light one. They repeat what sign, word and pattern
//! already say; none of them says anything alone.

export interface Theme {
  readonly name: "dark" | "light";
  readonly background: string;
  readonly empty: string;
  readonly emptyText: string;
  /** The cross or frame of a place without a picture. */
  readonly emptyMark: string;
  readonly strip: string;
  readonly stripText: string;
  readonly number: string;
  readonly staleStrip: string;
  readonly staleText: string;
  readonly veil: string;
  readonly hatch: string;
  readonly plate: string;
  readonly plateText: string;
  readonly plateSign: string;
  /** Frame and foot of a suspect picture, and what stands on them. */
  readonly suspect: string;
  readonly suspectInk: string;
  /** The same of a camera in maintenance. */
  readonly service: string;
  readonly serviceInk: string;
  readonly focus: string;
}

const DARK: Theme = {
  name: "dark",
  background: "#05070a",
  empty: "#11161d",
  emptyText: "#e3e9ef",
  emptyMark: "#4d5b6a",
  strip: "#161d26",
  stripText: "#f3f6f9",
  number: "#8fd0ff",
  staleStrip: "#6b3a00",
  staleText: "#fff1da",
  veil: "rgba(0, 0, 0, 0.5)",
  hatch: "rgba(255, 178, 64, 0.8)",
  plate: "rgba(0, 0, 0, 0.92)",
  plateText: "#ffffff",
  plateSign: "#ffb84d",
  suspect: "#ffb84d",
  suspectInk: "#000000",
  service: "#8fd0ff",
  serviceInk: "#000000",
  focus: "#ffffff",
};

const LIGHT: Theme = {
  name: "light",
  background: "#aab3bd",
  empty: "#dfe4e9",
  emptyText: "#10171e",
  emptyMark: "#97a3af",
  strip: "#ffffff",
  stripText: "#0c1116",
  number: "#00509e",
  staleStrip: "#ffd48a",
  staleText: "#301800",
  veil: "rgba(235, 235, 235, 0.55)",
  hatch: "rgba(120, 50, 0, 0.75)",
  plate: "rgba(255, 255, 255, 0.94)",
  plateText: "#000000",
  plateSign: "#9a3b00",
  suspect: "#9a3b00",
  suspectInk: "#ffffff",
  service: "#00509e",
  serviceInk: "#ffffff",
  focus: "#000000",
};

/**
 * Dark unless asked otherwise: most computers say "light" without anybody having chosen it, and a
 * white wall at night blinds. `?theme=auto` follows the screen's own wish.
 */
export function chooseTheme(asked: string | null, prefersLight: boolean): Theme {
  const light = asked === "light" || (asked === "auto" && prefersLight);
  return light ? LIGHT : DARK;
}
