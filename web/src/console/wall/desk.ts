//! The walls as they are, and commands for them: sent over HTTP, again where no answer came, answered
//! with the wall after them. What the service refuses is said in its own words.

import type { Bench } from "../../alert/bench";
import { newRequest } from "../../alert/sender";
import { type Answer, ask } from "../../api";
import type { ServerMessage } from "../../wire/messages";
import { type Plan, readPlan, readPlans } from "./plan";
import { Sending } from "./sending";

/** A cell of a screen, counted from 0 as the service does. */
export interface Spot {
  readonly screen: string;
  readonly cell: number;
}

export type WallCommand =
  | {
      readonly command: "show";
      readonly camera: string;
      readonly screen?: string;
      readonly cell?: number;
      readonly pin?: boolean;
      readonly for_s?: number;
    }
  | ({ readonly command: "clear" | "pin" | "unpin" } & Spot)
  | { readonly command: "swap"; readonly from: Spot; readonly to: Spot }
  | { readonly command: "layout"; readonly screen: string; readonly layout: string }
  | { readonly command: "fill"; readonly screen: string; readonly cameras: readonly string[] }
  | ({
      readonly command: "tour";
      readonly cameras: readonly string[];
      readonly dwell_s: number;
    } & Spot)
  | { readonly command: "preset"; readonly preset: string }
  | { readonly command: "keep"; readonly id: string; readonly name: string }
  | { readonly command: "reset"; readonly screen?: string };

/** A connection that is gone without a word is given up after this long, and another is tried. */
const WITHIN_MS = 10_000;

export class WallDesk {
  private plans: readonly Plan[] = [];
  private wished: string | null;
  private asking = false;
  private again = false;
  private readonly sending = new Sending();

  constructor(
    private readonly bench: Bench,
    private readonly changed: () => void,
  ) {
    this.wished = new URLSearchParams(location.search).get("wall");
  }

  get walls(): readonly Plan[] {
    return this.plans;
  }

  /** The wall that is driven. */
  get plan(): Plan | null {
    return this.plans.find(({ id }) => id === this.wished) ?? this.plans[0] ?? null;
  }

  choose(id: string): void {
    this.wished = id;
    this.changed();
  }

  /** A wall changed: all are asked for anew, once for many messages. */
  message(message: ServerMessage): void {
    if (message.type === "hello") {
      this.sending.hurry();
      void this.fetch();
    }
    if (message.type !== "wall") return;
    const known = this.plans.find(({ id }) => id === message.wall.id);
    if (known === undefined || known.revision !== message.wall.revision) void this.fetch();
  }

  /** Does something to the wall that is driven, once, also where it has to be sent again. */
  async order(command: WallCommand): Promise<Answer<Plan | undefined>> {
    const { plan } = this;
    if (plan === null) return { ok: false, why: "", status: 404, problem: null };
    const path = `walls/${encodeURIComponent(plan.id)}/commands`;
    const body = { ...command, request: newRequest() };
    const { call } = this.bench;
    const answer = await this.sending.send(() =>
      call.post(path, body, readPlan, { withinMs: WITHIN_MS }),
    );
    if (answer.ok && answer.value !== undefined) this.take(answer.value);
    return answer;
  }

  private take(plan: Plan): void {
    const known = this.plans.find(({ id }) => id === plan.id);
    if (known !== undefined && known.revision > plan.revision) return;
    this.plans =
      known === undefined
        ? [...this.plans, plan]
        : this.plans.map((one) => (one === known ? plan : one));
    this.changed();
  }

  private async fetch(): Promise<void> {
    this.again = true;
    if (this.asking) return;
    this.asking = true;
    while (this.again) {
      this.again = false;
      const answer = await ask("walls", readPlans);
      // Revisions may have begun anew: the list counts as it is.
      if (answer.ok) this.plans = answer.value;
    }
    this.asking = false;
    this.changed();
  }
}
