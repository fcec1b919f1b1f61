import { setTimeout as delay } from "node:timers/promises";
import { DatabaseResumingException } from "@aws-sdk/client-rds-data";

/** API Gateway answers 504 after 29 s; a cluster that wakes usually takes 15. */
const budgetMs = 22_000;
const firstWaitMs = 250;
const longestWaitMs = 2_000;

export interface Waiting {
  /** Milliseconds, never going back. */
  readonly now: () => number;
  readonly wait: (ms: number) => Promise<unknown>;
  /** From 0 up to, not including, 1. */
  readonly random: () => number;
}

const realWaiting: Waiting = { now: () => performance.now(), wait: delay, random: Math.random };

/**
 * Aurora that scaled to zero refuses while it wakes. The refused statement has not run, so it is
 * tried again until the budget is spent.
 */
export const whileResuming = async <T>(
  attempt: () => Promise<T>,
  { now, wait, random }: Waiting = realWaiting,
): Promise<T> => {
  const giveUpAt = now() + budgetMs;
  for (let waitMs = firstWaitMs; ; waitMs = Math.min(waitMs * 2, longestWaitMs)) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof DatabaseResumingException)) throw error;
      const jittered = waitMs * (0.5 + random());
      if (now() + jittered > giveUpAt) throw error;
      await wait(jittered);
    }
  }
};
