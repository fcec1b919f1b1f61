import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { mediaPrefix } from "./domain/keys.ts";
import type { Source } from "./domain/source.ts";
import { UndecodableError } from "./ports.ts";
import { createFakeEncoder } from "./testing/fake-encoder.ts";
import { createMemoryPipeline, type Fault } from "./testing/memory-pipeline.ts";
import { sourceFacts } from "./testing/source-facts.ts";

const minute = sourceFacts({ endSeconds: 61 });
/** Three chunks: cheap enough to be made many times. */
const short = sourceFacts({ endSeconds: 14 }, { audio: { streamIndex: 1, endSeconds: 14 } });
const bytes = new Uint8Array(64).fill(7);

const open = (
  options: {
    readonly source?: Source;
    readonly fault?: Fault;
    readonly frames?: number;
    readonly maxReceives?: number;
  } = {},
) =>
  createMemoryPipeline({
    ...options,
    prober: () => ({ probe: async () => options.source ?? minute }),
    encoder: () =>
      createFakeEncoder({
        ...(options.frames === undefined ? {} : { frames: options.frames }),
        ...(options.fault ? { fault: options.fault } : {}),
      }),
  });
type Pipeline = ReturnType<typeof open>;

/** Names below the video's own folder, with their content. */
const made = ({ buckets }: Pipeline, videoId: string) =>
  buckets
    .keys(mediaPrefix(videoId))
    .map((key) => [key.slice(mediaPrefix(videoId).length), buckets.objects.get(key)?.etag]);

const undisturbed = async (source?: Source) => {
  const pipeline = open(source ? { source } : {});
  const videoId = pipeline.add(bytes);
  await pipeline.plan(videoId);
  await pipeline.drain();
  expect(pipeline.store.row(videoId).state.status).toBe("ready");
  return made(pipeline, videoId);
};

describe("the pipeline under faults", () => {
  it("ends with the same bytes, whatever dies, comes twice, late or out of order", async () => {
    const expected = await undisturbed(short);
    await fc.assert(
      fc.asyncProperty(
        fc.infiniteStream(fc.integer({ min: 0, max: 99 })),
        fc.infiniteStream(fc.nat()),
        async (dice, order) => {
          // Prepare
          let faults = 0;
          const pipeline = open({
            source: short,
            maxReceives: 1_000,
            fault: (step) => {
              // A poster that cannot be made is left out: another promise, kept below.
              if (step !== "poster" && faults < 25 && (dice.next().value ?? 99) < 12) {
                faults += 1;
                throw new Error(`injected at ${step}`);
              }
            },
          });
          const videoId = pipeline.add(bytes);

          // Act: S3 reports twice, every message comes twice.
          const report = () => pipeline.plan(videoId).catch(() => undefined);
          await report();
          await report();
          while (!pipeline.store.row(videoId).stored || pipeline.tasks.length === 0) await report();
          pipeline.tasks.push(...structuredClone(pipeline.tasks));
          await pipeline.drain((count) => (order.next().value ?? 0) % Math.max(1, count));

          // Assess
          const row = pipeline.store.row(videoId);
          expect(row.state.status).toBe("ready");
          expect(made(pipeline, videoId)).toEqual(expected);
        },
      ),
      { numRuns: 12 },
    );
  });

  it("lets two workers do one task at the same time", async () => {
    const expected = await undisturbed();
    const pipeline = open();
    const videoId = pipeline.add(bytes);
    await pipeline.plan(videoId);
    const first = pipeline.tasks[0]?.message;
    if (!first) throw new Error("There is no task.");
    await Promise.all([pipeline.run(first), pipeline.run(first)]);
    await pipeline.drain();
    expect(made(pipeline, videoId)).toEqual(expected);
  });

  it("has a poster as soon as its first chunk is made, whatever waits", async () => {
    const pipeline = open();
    const videoId = pipeline.add(bytes);
    await pipeline.plan(videoId);
    const first = pipeline.tasks.shift();
    if (!first) throw new Error("There is no task.");
    await pipeline.run(first.message);
    const { hasPoster, state, stored } = pipeline.store.row(videoId);
    expect(state.status).toBe("transcoding");
    expect(hasPoster).toBe(true);
    expect(pipeline.buckets.keys(mediaPrefix(videoId))).toContain(
      `${mediaPrefix(videoId)}${stored?.planHash}/poster.jpg`,
    );
  });

  it("makes a film without a poster where none can be made", async () => {
    const pipeline = open({
      fault: (step) => {
        if (step === "poster") throw new Error("no picture");
      },
    });
    const videoId = pipeline.add(bytes);
    await pipeline.plan(videoId);
    await pipeline.drain();
    expect(pipeline.store.row(videoId)).toMatchObject({
      state: { status: "ready" },
      hasPoster: false,
    });
  });

  it("shows only what every track has, and never less than before", async () => {
    const pipeline = open();
    const videoId = pipeline.add(bytes);
    await pipeline.plan(videoId);
    const { stored, tasks } = pipeline.store.row(videoId);
    let frontier = 0;
    for (const { message } of pipeline.tasks.splice(0).reverse()) {
      await pipeline.run(message);
      const row = pipeline.store.row(videoId);
      expect(row.state.frontier).toBeGreaterThanOrEqual(frontier);
      frontier = row.state.frontier;
      const listed = pipeline.buckets
        .text(`${mediaPrefix(videoId)}${stored?.planHash}/720p/index.m3u8`)
        .match(/\.m4s/g);
      expect(listed?.length ?? 0).toBe(frontier);
    }
    expect(frontier).toBe(13);
    expect(tasks.size).toBeGreaterThan(3);
  });

  it("ends well when a little less came than was planned", async () => {
    const pipeline = open({ frames: 1_500 });
    const videoId = pipeline.add(bytes);
    await pipeline.plan(videoId);
    await pipeline.drain();
    expect(pipeline.store.row(videoId)).toMatchObject({
      state: { status: "ready", frontier: 12 },
      durationMs: 60_000,
    });
  });

  it("fails a film that was cut off, and keeps nothing of it", async () => {
    const pipeline = open({ frames: 400 });
    const videoId = pipeline.add(bytes);
    await pipeline.plan(videoId);
    await pipeline.drain();
    const { state, failure } = pipeline.store.row(videoId);
    expect(state.status).toBe("failed");
    expect(failure?.message).toMatch(/^film.mp4 is cut off: only the first 16 s of 61 s/);
    expect([...pipeline.buckets.objects.keys()]).toEqual([]);
  });

  it("fails a video when its last attempt fails, instead of leaving it", async () => {
    const pipeline = open({
      maxReceives: 3,
      fault: (step) => {
        if (step === "encode") throw new Error("out of memory");
      },
    });
    const videoId = pipeline.add(bytes);
    await pipeline.plan(videoId);
    await pipeline.drain();
    expect(pipeline.store.row(videoId).failure?.code).toBe("gave-up");
    expect([...pipeline.buckets.objects.keys()]).toEqual([]);
  });

  it("fails at once what cannot be decoded", async () => {
    let runs = 0;
    const pipeline = open({
      fault: (step) => {
        if (step !== "encode") return;
        runs += 1;
        throw new UndecodableError("garbage");
      },
    });
    const videoId = pipeline.add(bytes);
    await pipeline.plan(videoId);
    await pipeline.drain();
    expect(pipeline.store.row(videoId).failure?.code).toBe("undecodable");
    expect(runs).toBe(1);
  });

  it("removes what comes after the video was deleted", async () => {
    // Prepare: the row goes while the first task is about to commit.
    const pipeline = open({
      fault: (step) => {
        if (step === "commit") pipeline.store.rows.delete(videoId);
      },
    });
    const videoId: string = pipeline.add(bytes);
    await pipeline.plan(videoId);

    // Act
    await pipeline.drain();

    // Assess
    expect(pipeline.buckets.keys(mediaPrefix(videoId))).toEqual([]);
  });
});

describe("a worker killed between sending and commit", () => {
  const killed = async () => {
    let lives = false;
    const pipeline = open({
      source: short,
      fault: (step) => {
        if (step === "commit" && !lives) throw new Error("killed");
      },
    });
    const videoId = pipeline.add(bytes);
    await pipeline.plan(videoId);
    const [first] = pipeline.tasks;
    if (!first) throw new Error("There is no task.");
    await expect(pipeline.run(first.message)).rejects.toThrow("killed");
    expect(pipeline.buckets.keys(mediaPrefix(videoId))).not.toEqual([]);
    lives = true;
    return { pipeline, videoId };
  };

  it("leaves nothing of a video that is deleted before the task comes again", async () => {
    // Prepare
    const { pipeline, videoId } = await killed();
    const other = `${mediaPrefix("another")}init.mp4`;
    pipeline.buckets.put(other, bytes);
    pipeline.store.rows.delete(videoId);

    // Act
    await pipeline.drain();

    // Assess
    expect(pipeline.buckets.keys("videos/")).toEqual([other]);
  });

  it("leaves nothing of a video that fails before the task comes again", async () => {
    const { pipeline, videoId } = await killed();
    await pipeline.store.fail(videoId, { code: "gave-up", message: "No." });
    await pipeline.drain();
    expect(pipeline.buckets.keys(mediaPrefix(videoId))).toEqual([]);
  });

  it("loses nothing of a video that lives, whatever another ticket says", async () => {
    const { pipeline, videoId } = await killed();
    const before = pipeline.buckets.keys(mediaPrefix(videoId));
    const [first] = pipeline.tasks;
    if (!first) throw new Error("There is no task.");
    await pipeline.run({ ...first.message, ticket: "00000000-0000-4000-8000-000000000000" });
    expect(pipeline.buckets.keys(mediaPrefix(videoId))).toEqual(before);
  });
});

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
