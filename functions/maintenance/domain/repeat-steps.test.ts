import type { PackageMessage, PlanMessage } from "@sluice/contracts";
import { describe, expect, it } from "vitest";
import { silentLog } from "../../transcode/testing/memory-pipeline.ts";
import { MemoryStore } from "../../transcode/testing/memory-store.ts";
import type { WaitingStatus } from "../ports.ts";
import { memorySweepStore } from "../testing/memory-sweep-store.ts";
import { repeatStep } from "./repeat-steps.ts";

const videoId = "7f0b5cf0-3d50-4a0e-9d3b-0f5f7d0f4c11";
const since = new Date("2026-01-01T00:00:00Z");
const hour = 60 * 60_000;
const message = { version: 1, videoId, correlationId: "correlation" };

const open = async (status: WaitingStatus) => {
  const { store: sweep, add } = memorySweepStore();
  const pipeline = new MemoryStore();
  pipeline.addVideo(videoId, "film.mp4", status);
  await add({ videoId, status, since });
  const [plans, packages]: [PlanMessage[], PackageMessage[]] = [[], []];
  const rule = repeatStep(
    {
      ...{ sweep, pipeline },
      plans: { send: async (sent) => void plans.push(sent) },
      packages: { send: async (sent) => void packages.push(sent) },
    },
    status,
  );
  const run = async (hours: number) => {
    const now = new Date(since.getTime() + hours * hour);
    for (const finding of await rule.find(now, 50)) await finding.mend(silentLog);
  };
  return { run, plans, packages, pipeline };
};

describe("a step whose message was lost", () => {
  it("is asked for again: the plan of a source whose event never came", async () => {
    const { run, plans, packages } = await open("planning");
    await run(0.4);
    expect(plans).toEqual([]);
    await run(0.6);
    await run(0.7);
    expect([plans, packages]).toEqual([[message], []]);
  });

  it.each(["packaging", "failed", "deleting"] as const)(
    "is asked for again: the end of a video that is %s",
    async (status) => {
      const { run, plans, packages } = await open(status);
      await run(0.3);
      await run(0.4);
      expect([plans, packages]).toEqual([[], [message]]);
    },
  );

  it.each([
    ["planning", 5, /^film.mp4 could not be read/],
    ["packaging", 6, /^film.mp4 could not be finished/],
  ] as const)(
    "fails the video that is %s after %i messages, and has it removed",
    async (status, times, reason) => {
      const { run, plans, packages, pipeline } = await open(status);
      for (let nth = 1; nth <= times; nth += 1) await run(100 * nth);
      expect(plans.length + packages.length).toBe(times);
      expect(pipeline.row(videoId).state.status).toBe(status);

      await run(100 * (times + 1));
      expect(pipeline.row(videoId).failure).toEqual({
        code: "gave-up",
        message: expect.stringMatching(reason),
      });
      expect(packages.at(-1)).toEqual(message);
    },
  );

  it("fails no video that has moved on meanwhile", async () => {
    const { run, pipeline } = await open("planning");
    for (let nth = 1; nth <= 5; nth += 1) await run(100 * nth);
    pipeline.setStatus(videoId, "transcoding");
    await run(600);
    expect(pipeline.row(videoId).state.status).toBe("transcoding");
  });

  it("is never given up when it is a removal", async () => {
    const { run, packages } = await open("deleting");
    for (let nth = 1; nth <= 20; nth += 1) await run(100 * nth);
    expect(packages).toHaveLength(20);
  });
});
