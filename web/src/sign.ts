//! Signs: shapes that tell conditions apart from three metres, and for eyes that see no colours.
//! Which condition has which; drawn by `draw/sign`.

export type Sign =
  | "none"
  | "good"
  | "warning"
  | "stopped"
  | "waiting"
  | "lock"
  | "clock"
  | "still"
  | "site"
  | "maintenance"
  | "frozen"
  | "looped"
  | "black"
  | "overexposed"
  | "defocused"
  | "covered"
  | "moved"
  | "loss"
  | "unstable"
  | "changed"
  | "sparse";

const SIGNS: Readonly<Record<string, Sign>> = {
  frozen: "frozen",
  looped: "looped",
  black: "black",
  overexposed: "overexposed",
  defocused: "defocused",
  covered: "covered",
  moved: "moved",
  "clock-skew": "clock",
  "packet-loss": "loss",
  unstable: "unstable",
  "stream-changed": "changed",
  "low-frame-rate": "sparse",
  "credentials-rejected": "lock",
  unreachable: "stopped",
  refused: "stopped",
  "session-limit": "stopped",
  unsupported: "stopped",
  abusive: "stopped",
  redirect: "stopped",
  protocol: "stopped",
  quarantined: "stopped",
};

/** The sign of a condition; one that has none of its own has the general warning. */
export function signOfCondition(word: string): Sign {
  return SIGNS[word] ?? "warning";
}
