import { describe, expect, it } from "vitest";
import { silentLog } from "../../transcode/testing/memory-pipeline.ts";
import { findingsPerRun, type Rule, SweepError, sweep } from "./sweep.ts";

const now = new Date("2026-01-01T00:00:00Z");
const never = new AbortController().signal;

const rule = (name: string, mends: readonly (() => Promise<void>)[]): Rule => ({
  name,
  find: async () => mends.map((mend) => ({ videoId: "video", mend })),
});

describe("a sweep", () => {
  it("counts what each rule mended, and asks for a bounded page of it", async () => {
    const limits: number[] = [];
    const watched: Rule = {
      name: "watched",
      async find(_now, limit) {
        limits.push(limit);
        return [];
      },
    };
    const fine = rule("fine", [async () => {}, async () => {}]);
    expect(await sweep([fine, watched])(now, silentLog, never)).toEqual({ fine: 2, watched: 0 });
    expect(limits).toEqual([findingsPerRun]);
  });

  it("goes on after a failure, and tells of it at the end", async () => {
    let mended = 0;
    const good = async () => {
      mended += 1;
    };
    const bad = () => Promise.reject(new Error("no"));
    const blind: Rule = { name: "blind", find: bad };
    const run = sweep([blind, rule("mixed", [bad, good]), rule("fine", [good])]);
    const failure = await run(now, silentLog, never).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(SweepError);
    expect((failure as SweepError).errors).toHaveLength(2);
    expect(mended).toBe(2);
  });

  it("ends between two findings when its time is over", async () => {
    const stop = new AbortController();
    let mended = 0;
    const mend = async () => {
      mended += 1;
      stop.abort();
    };
    await sweep([rule("slow", [mend, mend]), rule("next", [mend])])(now, silentLog, stop.signal);
    expect(mended).toBe(1);
  });
});
