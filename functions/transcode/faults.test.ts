import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { mediaPrefix } from "./domain/keys.ts";
import type { Source } from "./domain/source.ts";
import { UndecodableError } from "./ports.ts";
import {
  bytes,
  type FakePipeline,
  openFakePipeline as open,
  short,
} from "./testing/fake-pipeline.ts";
import { soundFacts } from "./testing/source-facts.ts";

/** Names below the video's own folder, with their content. */
const made = ({ buckets }: FakePipeline, videoId: string) =>
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
              if (faults < 25 && (dice.next().value ?? 99) < 12) {
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
          expect(row).toMatchObject({
            state: { status: "ready" },
            ...{ hasPoster: true, hasStoryboard: true, metadata: { tags: { title: "Film" } } },
          });
          expect(made(pipeline, videoId)).toEqual(expected);
          expect(pipeline.store.readied).toEqual([videoId]);
        },
      ),
      { numRuns: 12 },
    );
  });

  it("makes the same by push as by pull, in whatever order and however often tasks come", async () => {
    const expected = await undisturbed(short);
    await fc.assert(
      fc.asyncProperty(fc.infiniteStream(fc.nat()), async (order) => {
        const pipeline = open({ source: short, dispatch: "push" });
        const videoId = pipeline.add(bytes);
        await pipeline.plan(videoId);
        pipeline.tasks.push(...structuredClone(pipeline.tasks));
        await pipeline.drain((count) => (order.next().value ?? 0) % Math.max(1, count));
        expect(pipeline.store.row(videoId).state.status).toBe("ready");
        expect(made(pipeline, videoId)).toEqual(expected);
      }),
      { numRuns: 5 },
    );
  });

  it("ends with the same bytes for sound alone, its cover with it", async () => {
    // Prepare
    const source = soundFacts(40, { cover: { streamIndex: 1 } });
    const expected = await undisturbed(source);
    const steps: string[] = [];
    const pipeline = open({
      source,
      fault: (step) => {
        // Each step that there is fails once.
        if (steps.includes(step)) return;
        steps.push(step);
        throw new Error(`injected at ${step}`);
      },
    });
    const videoId = pipeline.add(bytes);

    // Act
    await pipeline.plan(videoId).catch(() => pipeline.plan(videoId));
    await pipeline.drain();

    // Assess
    expect(pipeline.store.row(videoId)).toMatchObject({
      state: { status: "ready", frontier: 9 },
      ...{ hasPoster: true, hasStoryboard: false },
    });
    expect(steps).toEqual(expect.arrayContaining(["encode", "cover", "settle", "send package"]));
    expect(made(pipeline, videoId)).toEqual(expected);
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

  it.each([
    ["a poster", "poster", [false, true, true]],
    ["a storyboard", "storyboard", [true, false, true]],
    ["what its file says", "metadata", [true, true, false]],
  ])("makes a film without %s where it cannot be had", async (_, impossible, extras) => {
    const pipeline = open({
      maxReceives: 3,
      fault: (step) => {
        if (step === impossible) throw new Error("no picture");
      },
    });
    const videoId = pipeline.add(bytes);
    await pipeline.plan(videoId);
    await pipeline.drain();
    const { state, hasPoster, hasStoryboard, metadata } = pipeline.store.row(videoId);
    expect(state.status).toBe("ready");
    expect([hasPoster, hasStoryboard, metadata !== undefined]).toEqual(extras);
  });

  it("sends the storyboard's task with the last chunk, and answers one that comes before", async () => {
    // Prepare
    const pipeline = open({ source: short });
    const videoId = pipeline.add(bytes);
    await pipeline.plan(videoId);
    const kinds = () => pipeline.tasks.map(({ message }) => message.kind);
    const chunks = pipeline.tasks.filter(({ message }) => message.kind === "transcode");
    const early = [...pipeline.store.row(videoId).tasks.values()].find(
      ({ spec }) => spec.kind === "thumbnail",
    );
    if (!early || !chunks[0]) throw new Error("A task is missing.");
    expect(kinds()).not.toContain("thumbnail");

    // Act
    await pipeline.run({ ...chunks[0].message, ...early, kind: "thumbnail" });
    for (const { message } of chunks.slice(0, -1)) await pipeline.run(message);
    const before = kinds();
    const last = chunks.at(-1)?.message ?? chunks[0].message;
    await pipeline.run(last);
    await pipeline.run(last);

    // Assess
    expect(before).not.toContain("thumbnail");
    expect(kinds().filter((kind) => kind === "thumbnail").length).toBe(2);
    expect(early.attempts).toBe(0);
    await pipeline.drain();
    expect(pipeline.store.row(videoId).state.status).toBe("ready");
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

  it.each(["pull", "push"] as const)(
    "fails a video when its last attempt by %s fails, instead of leaving it",
    async (dispatch) => {
      const pipeline = open({
        maxReceives: 3,
        dispatch,
        fault: (step) => {
          if (step === "encode") throw new Error("out of memory");
        },
      });
      const videoId = pipeline.add(bytes);
      await pipeline.plan(videoId);
      await pipeline.drain();
      expect(pipeline.store.row(videoId).failure?.code).toBe("gave-up");
      expect([...pipeline.buckets.objects.keys()]).toEqual([]);
    },
  );

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
