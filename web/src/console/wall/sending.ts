//! Sends what is ordered, one order after the other, each again until there is an answer. An order has
//! a name of its own, so the service carries it out once, however often it comes.

import { type Answer, UNANSWERED } from "../../api";

/** After this long an order is not sent again: the wall is another one, and so is what is meant. Far
 * less than the service knows its name for. */
const MEANT_MS = 30_000;
/** Between two tries, unless the service is heard of before. */
const AGAIN_MS = 2000;

export class Sending {
  private last: Promise<unknown> = Promise.resolve();
  private wake: () => void = () => {};

  constructor(
    private readonly now: () => number = () => performance.now(),
    private readonly pause: (ms: number) => Promise<void> = (ms) =>
      new Promise((passed) => setTimeout(passed, ms)),
  ) {}

  /** The service can be reached again. */
  hurry(): void {
    this.wake();
  }

  /** Its answer, or that there was none. */
  send<T>(post: () => Promise<Answer<T>>): Promise<Answer<T>> {
    const givenMs = this.now();
    const sent = this.last.then(() => this.untilAnswered(post, givenMs));
    this.last = sent;
    return sent;
  }

  private async untilAnswered<T>(
    post: () => Promise<Answer<T>>,
    givenMs: number,
  ): Promise<Answer<T>> {
    while (this.now() - givenMs < MEANT_MS) {
      const answer = await post();
      if (answer.ok || answer.status !== 0) return answer;
      const woken = new Promise<void>((wake) => {
        this.wake = wake;
      });
      await Promise.race([this.pause(AGAIN_MS), woken]);
    }
    return UNANSWERED;
  }
}
