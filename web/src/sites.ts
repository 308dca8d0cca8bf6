//! The site tree as the service last told it: names, who is below whom, and which sites are down.

import type { Site } from "./wire/health";

/** A site in the order in which a tree is read. */
export interface Branch {
  readonly site: Site;
  /** How far below the centre; 0 hangs from it. */
  readonly depth: number;
}

export class Sites {
  private byId = new Map<string, Site>();
  private branches: readonly Branch[] = [];

  /** Replaces what was known. */
  take(sites: readonly Site[]): void {
    this.byId = new Map(sites.map((site) => [site.id, site]));
    this.branches = grow(sites, this.byId);
  }

  site(id: string): Site | undefined {
    return this.byId.get(id);
  }

  /** What people read; the id of a site that was never told. */
  name(id: string): string {
    return this.byId.get(id)?.name ?? id;
  }

  /** All of them, each right below the one that it belongs to. */
  get tree(): readonly Branch[] {
    return this.branches;
  }

  /** Those that are down, the longest first. */
  get down(): readonly Site[] {
    return this.branches
      .flatMap(({ site }) => (site.downSinceMs === null ? [] : [site]))
      .sort((a, b) => (a.downSinceMs ?? 0) - (b.downSinceMs ?? 0));
  }

  /** From the highest site down to this one, by name. */
  path(id: string): readonly string[] {
    return this.above(id)
      .map((site) => site.name)
      .reverse();
  }

  /** Whether `id` is `site` or somewhere below it. */
  isWithin(id: string | null, site: string): boolean {
    if (id === null) return false;
    return id === site || this.above(id).some((above) => above.id === site);
  }

  /** The site and all above it. A tree that bites its tail ends where it would begin again. */
  private above(id: string): readonly Site[] {
    const found: Site[] = [];
    let next = this.byId.get(id);
    while (next !== undefined && !found.includes(next)) {
      found.push(next);
      next = next.parent === null ? undefined : this.byId.get(next.parent);
    }
    return found;
  }
}

function grow(sites: readonly Site[], known: ReadonlyMap<string, Site>): readonly Branch[] {
  const below = new Map<string | null, Site[]>();
  for (const site of sites) {
    // Below a site that nobody told of it would be lost from the tree.
    const parent = site.parent !== null && known.has(site.parent) ? site.parent : null;
    below.set(parent, [...(below.get(parent) ?? []), site]);
  }
  const branches: Branch[] = [];
  const seen = new Set<string>();
  const add = (parent: string | null, depth: number): void => {
    const here = below.get(parent) ?? [];
    for (const site of here.sort((a, b) => a.name.localeCompare(b.name, "vi"))) {
      if (seen.has(site.id)) continue;
      seen.add(site.id);
      branches.push({ site, depth });
      add(site.id, depth + 1);
    }
  };
  add(null, 0);
  // What only hangs from itself is shown all the same.
  for (const site of sites) if (!seen.has(site.id)) branches.push({ site, depth: 0 });
  return branches;
}
