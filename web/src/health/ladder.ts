//! The health ladder of one camera as it is drawn: which rungs hold, which are broken, and which
//! nobody can know of because a lower one is broken.

import { RUNGS, type Rung, type Standing } from "../wire/health";
import type { Camera } from "../wire/messages";

export type Step = "holds" | "broken" | "unknown";

export interface Drawn {
  readonly rung: Rung;
  readonly step: Step;
  /** What stands on it. */
  readonly standing: readonly Standing[];
  /** The one by which the camera is judged. */
  readonly isLowest: boolean;
}

/**
 * All eight, the lowest first. Of some cameras nothing is known of the clock: they send no sender
 * reports.
 */
export function draw(camera: Camera, clockKnown = true): readonly Drawn[] {
  const known = RUNGS.indexOf(HIGHEST[camera.state] ?? "as-ordered");
  const isKnown = HIGHEST[camera.state] !== null;
  const broken = RUNGS.map((rung) => camera.standing.filter((one) => rungOf(one) === rung));
  const first = broken.findIndex((standing) => standing.length > 0);
  const lowest = camera.rung === null ? first : RUNGS.indexOf(camera.rung);
  return RUNGS.map((rung, at) => {
    const standing = broken[at] ?? [];
    const isLowest = at === lowest;
    const judged = isKnown && (clockKnown || rung !== "clock-right");
    const holds = judged && at <= known && (lowest < 0 || at < lowest || COMES.has(camera.state));
    const step = standing.length > 0 || isLowest ? "broken" : holds ? "holds" : "unknown";
    return { rung, step, standing, isLowest };
  });
}

/** The rung that a condition breaks; one that this page does not know breaks none that it draws. */
export function rungOf({ condition }: Standing): Rung | undefined {
  return BREAKS[condition];
}

/** Pictures come, so what lies beyond a broken rung is judged all the same. */
const COMES: ReadonlySet<string> = new Set(["online", "suspect"]);

/** Up to where a camera in this state was seen to hold, if nothing is broken; `null` is nowhere. */
const HIGHEST: Readonly<Record<Camera["state"], Rung | null>> = {
  connecting: null,
  "waiting-keyframe": "frames",
  "waiting-parameters": "frames",
  online: "as-ordered",
  suspect: "as-ordered",
  stalled: "keyframes",
  offline: "keyframes",
  maintenance: null,
  unknown: null,
};

const BREAKS: Readonly<Record<string, Rung>> = {
  unreachable: "reachable",
  refused: "reachable",
  quarantined: "reachable",
  unstable: "reachable",
  "credentials-rejected": "signed-in",
  "session-limit": "signed-in",
  redirect: "signed-in",
  protocol: "signed-in",
  abusive: "signed-in",
  unsupported: "signed-in",
  stalled: "frames",
  "packet-loss": "frames",
  "keyframe-overdue": "keyframes",
  "decode-errors": "keyframes",
  frozen: "picture-alive",
  looped: "picture-alive",
  black: "picture-right",
  overexposed: "picture-right",
  defocused: "picture-right",
  covered: "picture-right",
  moved: "picture-right",
  "clock-skew": "clock-right",
  "low-frame-rate": "as-ordered",
  "stream-changed": "as-ordered",
};
