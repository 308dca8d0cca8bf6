//! Which cameras an order of maintenance takes out of service, as people say it and as the service
//! wants it: a camera's id, `site:…`, `tag:…` or `*`.

import { searchable } from "../fold";
import type { Words } from "../i18n";
import type { Camera } from "../wire/messages";
import type { Census } from "./census";

export type ScopeKind = "camera" | "site" | "tag" | "all";

/** The scope of what was typed or chosen; `null` if there is no such thing. */
export function scopeOf(kind: ScopeKind, which: string, census: Census): string | null {
  switch (kind) {
    case "all":
      return "*";
    case "site":
      return census.sites.site(which) === undefined ? null : `site:${which}`;
    case "tag":
      return census.tags.includes(which) ? `tag:${which}` : null;
    case "camera":
      return cameraOf(which, census)?.id ?? null;
  }
}

/** The camera with this id, number or name; accents do not matter. */
export function cameraOf(typed: string, census: Census): Camera | undefined {
  const wish = searchable(typed.trim());
  if (wish === "") return undefined;
  const all = [...census.cameras];
  const exact = all.find(({ id, number }) => id === wish || String(number) === wish);
  const named = all.filter(({ name }) => searchable(name) === wish);
  return exact ?? (named.length === 1 ? named[0] : undefined);
}

/** A scope in words. */
export function readableScope(scope: string, census: Census, words: Words): string {
  if (scope === "*") return words.say("order.all");
  if (scope.startsWith("site:")) return census.sites.path(scope.slice(5)).join(" › ") || scope;
  if (scope.startsWith("tag:")) return scope.slice(4);
  const camera = census.camera(scope);
  return camera === undefined ? scope : `${camera.number} ${camera.name}`;
}
