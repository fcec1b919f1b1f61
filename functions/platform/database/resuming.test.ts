import { DatabaseResumingException } from "@aws-sdk/client-rds-data";
import { describe, expect, it } from "vitest";
import { whileResuming } from "./resuming.ts";

const resuming = () => new DatabaseResumingException({ message: "waking", $metadata: {} });

/** Time that passes only by waiting. */
const time = (random = 0.5) => {
  const state = { now: 0 };
  return {
    state,
    now: () => state.now,
    random: () => random,
    wait: async (ms: number) => {
      state.now += ms;
    },
  };
};

describe("whileResuming", () => {
  it("waits for a database that wakes", async () => {
    // Prepare
    const waiting = time();

    // Act
    const answer = await whileResuming(async () => {
      if (waiting.state.now < 15_000) throw resuming();
      return "awake";
    }, waiting);

    // Assess
    expect(answer).toBe("awake");
    expect(waiting.state.now).toBeLessThan(17_500);
  });

  it.each([0, 0.999])(
    "gives up before API Gateway does, whatever the jitter (%d)",
    async (random) => {
      const waiting = time(random);
      const attempt = whileResuming(() => Promise.reject(resuming()), waiting);
      await expect(attempt).rejects.toBeInstanceOf(DatabaseResumingException);
      expect(waiting.state.now).toBeGreaterThan(18_000);
      expect(waiting.state.now).toBeLessThanOrEqual(22_000);
    },
  );

  it("hands on every other error at once", async () => {
    const waiting = time();
    await expect(whileResuming(() => Promise.reject(new Error("no")), waiting)).rejects.toThrow(
      "no",
    );
    expect(waiting.state.now).toBe(0);
  });
});
