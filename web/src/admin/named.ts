//! What the configuration calls things: ids with their names, to choose from.

import { element } from "../dom";
import { list, object } from "../wire/json";

import { entries } from "./call";
import type { Fields } from "./patch";
import type { Section } from "./schema";

export interface Named {
  readonly id: string;
  readonly name: string;
}

export interface WallNamed extends Named {
  readonly screens: readonly Named[];
}

/** The entries of a list; none where there is no configuration file. */
export async function named(section: Section): Promise<readonly Named[]> {
  return (await fields(section)).map(nameOf);
}

export async function walls(): Promise<readonly WallNamed[]> {
  return (await fields("wall")).map((wall) => {
    const screens = list(wall, "screen").map((screen) => nameOf((object(screen) ?? {}) as Fields));
    return { ...nameOf(wall), screens };
  });
}

/** A choice of them; the first is nothing, if `none` is a word for that. */
export function chooser(
  name: string,
  of: readonly Named[],
  chosen: string | null,
  none: string | null,
): HTMLSelectElement {
  const select = element("select", { name });
  choices(select, of, none);
  // What is chosen and not there any more stays chosen until somebody chooses otherwise.
  if (chosen !== null && !of.some(({ id }) => id === chosen))
    select.append(element("option", { value: chosen }, chosen));
  if (chosen !== null) select.value = chosen;
  return select;
}

export function choices(
  select: HTMLSelectElement,
  of: readonly Named[],
  none: string | null,
): void {
  const first = none === null ? [] : [element("option", { value: "" }, none)];
  const all = of.map(({ id, name }) => element("option", { value: id }, `${name} (${id})`));
  select.replaceChildren(...first, ...all);
}

async function fields(section: Section): Promise<readonly Fields[]> {
  const answer = await entries(section);
  return answer.ok ? answer.value.entries : [];
}

function nameOf({ id, name }: Fields): Named {
  return { id: String(id ?? ""), name: String(name ?? id ?? "") };
}
