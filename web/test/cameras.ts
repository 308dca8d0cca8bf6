// Cameras for tests: complete, and online unless told otherwise.
import assert from "node:assert/strict";
import { type Camera, completeCamera } from "../src/wire/messages";

export function camera(fields: Partial<Camera>): Camera {
  const complete = completeCamera({ id: "a", handle: 1, number: 7, state: "online", ...fields });
  assert.ok(complete);
  return complete;
}

/** What stands at it, with the same words in its conditions. */
export function standing(...words: readonly string[]): Pick<Camera, "conditions" | "standing"> {
  return {
    conditions: words,
    standing: words.map((condition) => ({
      condition,
      severity: "verify",
      sinceMs: 5000,
      evidence: `evidence of ${condition}`,
    })),
  };
}
