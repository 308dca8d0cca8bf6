//! The service's own sentences in Vietnamese. It says them in English, in its answers and its log:
//! `words/said` holds each as a form with holes, and its Vietnamese with the same holes. Text that
//! is no such sentence stays as it is.

/**
 * English forms and their Vietnamese. `{name}` is a hole for a figure or another word without a
 * space, `{name:text}` for whatever it is, `{name:said}` for what the service says too.
 */
export type Pairs = Readonly<Record<string, string>>;

interface Hole {
  readonly name: string;
  readonly kind: "word" | "text" | "said";
}

interface Form {
  /** What stands around the holes: one more than there are holes. */
  readonly pieces: readonly string[];
  readonly holes: readonly Hole[];
  /** It says next to nothing itself: only if all that it holds is known, it is meant. */
  readonly hollow: boolean;
  readonly vietnamese: string;
}

interface Lookups {
  left: number;
}

/** Beyond this it is no sentence of the service's. */
const LONGEST = 2000;
/** So many texts within one are looked up, whatever stands in it; the service needs ten. */
const LOOKUPS = 100;
/** By fewer letters no sentence can be told: "use …", "… while …", "there is no …". */
const TELLING = 10;
/** More than the service ever counts up. */
const PARTS = 8;
/** What the service puts between things that it counts up, and what is put there instead. */
const JOINTS = [
  [" and ", " và "],
  [", ", ", "],
] as const;

export class Sentences {
  /** What is said word by word, then the hollow, then what says most by itself: that is meant. */
  private readonly forms: readonly Form[];

  constructor(...pairs: readonly Pairs[]) {
    const order = ({ holes, hollow }: Form): number => (holes.length === 0 ? 0 : hollow ? 1 : 2);
    const length = ({ pieces }: Form): number => pieces.join("").length;
    this.forms = pairs
      .flatMap((some) => Object.entries(some).map(([english, vi]) => form(english, vi)))
      .sort((a, b) => order(a) - order(b) || length(b) - length(a));
  }

  /** In Vietnamese; as it is if it is not known. */
  vietnamese(text: string): string {
    return text.length > LONGEST ? text : (this.known(text, { left: LOOKUPS }) ?? text);
  }

  /** A sentence may begin with a capital that its form does not have. */
  private known(text: string, lookups: Lookups): string | null {
    if (text === "" || lookups.left === 0) return null;
    lookups.left -= 1;
    const said = this.fitting(text, lookups);
    const small = text.charAt(0).toLowerCase() + text.slice(1);
    if (said !== null || small === text) return said;
    const begun = this.fitting(small, lookups);
    return begun === null ? null : begun.charAt(0).toUpperCase() + begun.slice(1);
  }

  private fitting(text: string, lookups: Lookups): string | null {
    for (const one of this.forms) {
      const found = fit(one, text);
      const said = found === null ? null : this.fill(one, found, lookups);
      if (said !== null) return said;
    }
    return null;
  }

  /** `null` for a hollow form that holds something unknown. */
  private fill(one: Form, found: readonly string[], lookups: Lookups): string | null {
    const inside = one.holes.map(({ kind }, n) =>
      kind === "said" ? this.inside(found[n] ?? "", lookups) : null,
    );
    const all = one.holes.every(({ kind }, n) => kind !== "said" || inside[n] !== null);
    if (one.hollow && !all) return null;
    const filled = new Map(one.holes.map(({ name }, n) => [name, inside[n] ?? found[n] ?? ""]));
    return one.vietnamese.replace(/\{(\w+)\}/g, (_, name: string) => filled.get(name) ?? "");
  }

  /** Several things that are counted up, each known or one word; or one thing. */
  private inside(text: string, lookups: Lookups): string | null {
    for (const [joint, instead] of JOINTS) {
      const parts = text.split(joint);
      if (parts.length < 2 || parts.length > PARTS) continue;
      const known = parts.map((part) => this.known(part, lookups));
      const said = parts.flatMap((part, n) => known[n] ?? (isWord(part) ? part : []));
      const any = known.some((part) => part !== null);
      if (any && said.length === parts.length) return said.join(instead);
    }
    return this.known(text, lookups);
  }
}

function form(english: string, vietnamese: string): Form {
  const parts = english.split(/\{(\w+(?::text|:said)?)\}/);
  const pieces = parts.filter((_, n) => n % 2 === 0);
  const holes = parts.filter((_, n) => n % 2 === 1).map(hole);
  const letters = pieces.join("").replace(/\P{Letter}/gu, "").length;
  const hollow = letters < TELLING && holes.some(({ kind }) => kind === "said");
  return { pieces, holes, hollow, vietnamese };
}

function hole(written: string): Hole {
  const [name = "", kind] = written.split(":");
  return { name, kind: kind === "text" || kind === "said" ? kind : "word" };
}

function isWord(text: string): boolean {
  return text !== "" && !/\s/.test(text);
}

/**
 * What stands in the holes, each as short as can be; `null` if the text is of another form. Plain
 * searches from left to right: no text can make them slow.
 */
function fit({ pieces, holes }: Form, text: string): string[] | null {
  const [begin = "", ...others] = pieces;
  if (!text.startsWith(begin)) return null;
  const end = others.pop();
  if (end === undefined) return text === begin ? [] : null;
  const last = text.length - end.length;
  if (last < begin.length || !text.endsWith(end)) return null;
  let at = begin.length;
  const found: string[] = [];
  for (const piece of others) {
    const next = text.indexOf(piece, at);
    if (next < 0 || next + piece.length > last) return null;
    found.push(text.slice(at, next));
    at = next + piece.length;
  }
  found.push(text.slice(at, last));
  return holes.every(({ kind }, n) => kind !== "word" || isWord(found[n] ?? "")) ? found : null;
}
