//! What a tab remembers through reloads: which screen it is, and whether its wall moves. A page that
//! may store nothing forgets it with the next load.

const SCREEN = "watchwall.screen";
const MOTION = "watchwall.motion";
const LIST = "watchwall.list";

/** Tells this screen from others of the same wall; `asked` decides. */
export function screenName(asked: string | null): string {
  if (asked !== null && asked !== "") return asked.slice(0, 64);
  const fresh = `screen-${crypto.getRandomValues(new Uint32Array(1))[0]?.toString(36)}`;
  const known = recall(SCREEN) ?? fresh;
  remember(SCREEN, known);
  return known;
}

/** Whether the wall is to move: `asked` decides, then what this tab did before. */
export function motionAsked(asked: string | null): boolean {
  return asked === null ? recall(MOTION) === "1" : asked !== "0";
}

export function rememberMotion(on: boolean): void {
  remember(MOTION, on ? "1" : "0");
}

function recall(key: string): string | null {
  try {
    return sessionStorage.getItem(key);
  } catch {
    return null;
  }
}

function remember(key: string, value: string): void {
  try {
    sessionStorage.setItem(key, value);
  } catch {
    // Nothing can be stored here.
  }
}

/** The health list as it was last filtered and sorted: the way back from a camera leads there. */
export function rememberList(query: string): void {
  remember(LIST, query);
}

export function listRemembered(): string | null {
  return recall(LIST);
}
