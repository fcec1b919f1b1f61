import { describe, expect, it } from "vitest";
import { mediaKeys, mediaPrefix } from "./domain/keys.ts";
import { fakeJpeg } from "./testing/fake-jpeg.ts";
import { bytes, openFakePipeline as open, short } from "./testing/fake-pipeline.ts";

describe("a worker that lies", () => {
  const leased = async () => {
    const pipeline = open();
    const videoId = pipeline.add(bytes);
    await pipeline.plan(videoId);
    const message = pipeline.tasks[0]?.message;
    if (!message) throw new Error("There is no task.");
    const { signal } = new AbortController();
    const { ticket, taskId } = message;
    const planHash = pipeline.store.row(videoId).stored?.planHash ?? "";
    const base = { videoId, taskId, ticket, planHash, inits: [], segments: [], finished: false };
    return { pipeline, base, signal };
  };
  const claim = { track: "720p", number: 0, bytes: 10, md5: "0".repeat(32), frames: 50 };
  const init = { track: "720p", bytes: 10, md5: "0".repeat(32), sha256: "0".repeat(64) };

  it("gets nothing without the ticket", async () => {
    const { pipeline, base, signal } = await leased();
    const ticket = "00000000-0000-4000-8000-000000000000";
    const { videoId, taskId } = base;
    expect(await pipeline.office.lease({ videoId, taskId, ticket }, signal)).toEqual({
      state: "gone",
    });
    expect(await pipeline.office.commit({ ...base, ticket }, signal)).toEqual({ state: "gone" });
  });

  it.each([
    ["what is not there", [claim], [init], /it is not there/],
    ["another task's segment", [{ ...claim, number: 5 }], [init], /not of this task/],
    ["a track that does not exist", [{ ...claim, track: "144p" }], [init], /not of this task/],
    ["more frames than planned", [{ ...claim, frames: 51 }], [init], /more frames/],
    ["fewer frames before the end", [{ ...claim, frames: 49 }], [init], /too short/],
    ["no init segment", [claim], [], /without its init segment/],
  ])("cannot claim %s", async (_, segments, inits, reason) => {
    const { pipeline, base, signal } = await leased();
    const answer = await pipeline.office.commit({ ...base, segments, inits }, signal);
    expect(answer).toMatchObject({ state: "refused", reason: expect.stringMatching(reason) });
  });

  it("cannot claim the poster of another task", async () => {
    const { pipeline, base, signal } = await leased();
    const message = pipeline.tasks[1]?.message;
    if (!message) throw new Error("There is no second task.");
    const { taskId, ticket } = message;
    const poster = { bytes: 4, md5: "0".repeat(32) };
    const answer = await pipeline.office.commit({ ...base, taskId, ticket, poster }, signal);
    expect(answer).toMatchObject({ state: "refused", reason: "the poster is not of this task" });
  });

  describe("with another kind of task", () => {
    const sheet = { bytes: 4, md5: "0".repeat(32) };
    const storyboard = { text: sheet, sheets: [sheet] };
    const metadata = { container: "mov", streams: [], chapters: [], tags: {} };

    it.each([
      ["audio", "a storyboard", { storyboard }, /storyboard is not of this task/],
      ["audio", "metadata", { metadata }, /metadata is not of this task/],
      ["metadata", "a segment", { segments: [claim] }, /not of this task/],
      ["metadata", "an init segment", { inits: [init] }, /not of this task/],
      ["thumbnail", "a storyboard before its time", { storyboard }, /not that of the video/],
      ["thumbnail", "metadata", { metadata }, /metadata is not of this task/],
    ] as const)("cannot claim by %s: %s", async (kind, _, claims, reason) => {
      const { pipeline, base, signal } = await leased();
      const task = [...pipeline.store.row(base.videoId).tasks.values()].find(
        ({ spec }) => spec.kind === kind,
      );
      const { taskId = "", ticket = "" } = task ?? {};
      const request = { ...base, taskId, ticket, finished: true, ...claims };
      const answer = await pipeline.office.commit(
        { ...request, segments: [...request.segments], inits: [...request.inits] },
        signal,
      );
      expect(answer).toMatchObject({ state: "refused", reason: expect.stringMatching(reason) });
      expect(pipeline.store.row(base.videoId).state.status).toBe("transcoding");
    });

    it("cannot fail the video by a task without which it is whole", async () => {
      const { pipeline, base, signal } = await leased();
      const { rows } = pipeline.store;
      for (const kind of ["metadata", "thumbnail"]) {
        const tasks = [...(rows.get(base.videoId)?.tasks.values() ?? [])];
        const { taskId = "", ticket = "" } = tasks.find(({ spec }) => spec.kind === kind) ?? {};
        const request = { ...base, taskId, ticket, failure: "undecodable" as const };
        expect(await pipeline.office.commit(request, signal)).toEqual({ state: "recorded" });
      }
      await pipeline.drain();
      expect(pipeline.store.row(base.videoId).state.status).toBe("ready");
    });

    it("cannot pass other text or pictures for a storyboard; what is wrong is removed", async () => {
      // Prepare: everything but the storyboard is made.
      const pipeline = open({ source: short });
      const videoId = pipeline.add(bytes);
      await pipeline.plan(videoId);
      for (const { message } of pipeline.tasks.splice(0)) await pipeline.run(message);
      const message = pipeline.tasks[0]?.message;
      const { signal } = new AbortController();
      if (message?.kind !== "thumbnail") throw new Error("The storyboard is not due.");
      const { taskId, ticket } = message;
      const planHash = pipeline.store.row(videoId).stored?.planHash ?? "";
      const keys = mediaKeys(videoId, planHash);
      const put = (key: string, content: Uint8Array) => {
        pipeline.buckets.put(key, content);
        return { bytes: content.length, md5: pipeline.buckets.objects.get(key)?.etag ?? "" };
      };
      const commit = () =>
        pipeline.office.commit(
          {
            ...{ videoId, taskId, ticket, planHash, segments: [], inits: [], finished: true },
            storyboard: {
              text: put(keys.storyboard, new TextEncoder().encode("WEBVTT")),
              sheets: [put(keys.storyboardSheet(0), fakeJpeg(100, 100))],
            },
          },
          signal,
        );

      // Act
      const answer = await commit();

      // Assess
      expect(answer).toMatchObject({ state: "refused", reason: expect.stringMatching(/the text/) });
      const left = pipeline.buckets.keys(mediaPrefix(videoId));
      expect(left).not.toContain(keys.storyboard);
      expect(left).not.toContain(keys.storyboardSheet(0));
      await pipeline.drain();
      expect(pipeline.store.row(videoId)).toMatchObject({
        state: { status: "ready" },
        hasStoryboard: true,
      });
    });
  });

  it("cannot end a task without its segments", async () => {
    const { pipeline, base, signal } = await leased();
    const one = { ...claim, frames: 50 };
    const answer = await pipeline.office.commit(
      { ...base, segments: [one], inits: [init], finished: true },
      signal,
    );
    expect(answer).toMatchObject({ state: "refused", reason: "the tracks do not end together" });
  });
});
