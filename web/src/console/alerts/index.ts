//! The alert side of the console: the list of alerts and the one that is being handled.

import { element } from "../../dom";
import type { AlertsPart, ConsoleContext } from "../context";

/** Fills `root`, which has the focus ring, the place and the scrolling of a region. */
export function mountAlerts(root: HTMLElement, context: ConsoleContext): AlertsPart {
  const link = element("a", { href: context.bench.link("/alerts") });
  link.textContent = context.words.say("desk.title");
  root.append(link);
  return {
    changed: () => {},
    second: () => {},
    focus: () => link.focus(),
  };
}
