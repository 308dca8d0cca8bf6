//! The camera tree as rows: sites with the cameras of each below them, as far as they are open and
//! match what is searched.

import { EVERYTHING, isWell, NO_SITE, select } from "../health/filter";
import type { Sites } from "../sites";
import type { Site } from "../wire/health";
import type { Camera } from "../wire/messages";

export type TreeRow =
  | {
      readonly kind: "site";
      /** `NO_SITE` for cameras that have none. */
      readonly id: string;
      /** `null` for `NO_SITE`. */
      readonly site: Site | null;
      readonly depth: number;
      readonly open: boolean;
      /** Cameras in it and below it that match. */
      readonly matches: number;
    }
  | {
      readonly kind: "camera";
      readonly id: string;
      readonly camera: Camera;
      readonly depth: number;
    };

export interface TreeWish {
  /** Each word must be in number, name, id, tags or the names of its sites; accents do not matter. */
  readonly text: string;
  /** Only cameras that are not as they should be. */
  readonly troubled: boolean;
  readonly closed: ReadonlySet<string>;
}

export interface Tree {
  readonly rows: readonly TreeRow[];
  /** The cameras that match, by number, whether their site is open or not. */
  readonly found: readonly Camera[];
}

export function grow(cameras: Iterable<Camera>, sites: Sites, wish: TreeWish): Tree {
  const searched = select(cameras, { ...EVERYTHING, text: wish.text, sort: "number" }, sites).shown;
  const found = wish.troubled ? searched.filter((camera) => !isWell(camera)) : searched;
  const at = new Map<string, Camera[]>();
  for (const camera of found) {
    const known = camera.site !== null && sites.site(camera.site) !== undefined;
    const site = known && camera.site !== null ? camera.site : NO_SITE;
    const there = at.get(site);
    if (there === undefined) at.set(site, [camera]);
    else there.push(camera);
  }
  // Of a search nothing is hidden, or it would seem as if there were nothing.
  const narrow = wish.text.trim() !== "" || wish.troubled;
  const isOpen = (id: string): boolean => narrow || !wish.closed.has(id);
  const rows: TreeRow[] = [];
  let hiddenBelow: number | null = null;
  const counts = countBelow(at, sites);
  for (const { site, depth } of sites.tree) {
    const matches = counts.get(site.id) ?? 0;
    if (matches === 0 && narrow) continue;
    if (hiddenBelow !== null && depth > hiddenBelow) continue;
    const open = isOpen(site.id);
    hiddenBelow = open ? null : depth;
    rows.push({ kind: "site", id: site.id, site, depth, open, matches });
    if (open) rows.push(...below(at.get(site.id), depth + 1));
  }
  const rest = at.get(NO_SITE);
  if (rest !== undefined) {
    const open = isOpen(NO_SITE);
    const matches = rest.length;
    rows.push({ kind: "site", id: NO_SITE, site: null, depth: 0, open, matches });
    if (open) rows.push(...below(rest, 1));
  }
  return { rows, found };
}

function below(cameras: readonly Camera[] | undefined, depth: number): readonly TreeRow[] {
  return (cameras ?? []).map((camera) => ({ kind: "camera", id: camera.id, camera, depth }));
}

/** Each site's cameras with those of the sites below it. */
function countBelow(
  at: ReadonlyMap<string, readonly Camera[]>,
  sites: Sites,
): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { site } of sites.tree) {
    let total = 0;
    for (const [id, cameras] of at) if (sites.isWithin(id, site.id)) total += cameras.length;
    counts.set(site.id, total);
  }
  return counts;
}
