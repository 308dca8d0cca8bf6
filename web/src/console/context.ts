//! What the console's parts share, and the seam between the page and its alert side.

import type { Bench } from "../alert/bench";
import type { Theme } from "../draw/theme";
import type { Census } from "../health/census";
import type { Words } from "../i18n";
import type { Sites } from "../sites";

/** Who is signed in. */
export interface Me {
  /** The account's name; `null` where the service asks nobody to sign in. */
  readonly name: string | null;
  /** The person of the roster that the account stands for. */
  readonly person: string | null;
  readonly roles: readonly string[];
}

export const ANYBODY: Me = { name: null, person: null, roles: [] };

/** One line of the overlay that `?` opens. */
export interface KeyHelp {
  /** As they are printed on the keyboard: `j`, `Enter`, `Shift+1`. */
  readonly keys: readonly string[];
  /** What they do, in the page's language. */
  readonly does: string;
}

/** What the page offers to its alert side. */
export interface ConsoleContext {
  readonly words: Words;
  readonly theme: Theme;
  /** The alerts as they come, acts on them, people and names. `bench.feed` follows the page's socket. */
  readonly bench: Bench;
  /** All cameras, as the control socket tells them; `census.camera(id)`. */
  readonly census: Census;
  readonly sites: Sites;
  /** Who is signed in; changes while the page is open, so it is asked for when it is needed. */
  me(): Me;
  /**
   * Brings cameras up in the grid beside the list, in this order. What the operator had there comes
   * back with Escape. An empty list gives the grid back.
   */
  showCameras(ids: readonly string[], why?: string): void;
  /** The service's time, Unix milliseconds. */
  nowServer(): number;
  /** Lines for the overlay that `?` opens; told again they are replaced. */
  help(title: string, keys: readonly KeyHelp[]): void;
  /** Gives the keyboard back to the grid. */
  leave(): void;
}

/** The alert side, once it is mounted. The page calls these; none may throw. */
export interface AlertsPart {
  /** Alerts, cameras, sites or people are other ones than before; at most once per 250 ms. */
  changed(): void;
  /** A second went by. */
  second(): void;
  /** The operator goes there by key. */
  focus(): void;
}
