import type { Dispatch, TaskMessage } from "@sluice/contracts";
import { describe, expect, it } from "vitest";
import { bytes, openFakePipeline, short } from "../../transcode/testing/fake-pipeline.ts";
import { silentLog } from "../../transcode/testing/memory-pipeline.ts";
import type { SweepStore, TaskSigns } from "../ports.ts";
import { restartTasks } from "./restart-tasks.ts";

const since = new Date("2026-01-01T00:00:00Z");
const dayLater = new Date("2026-01-02T00:00:00Z");

/** A pipeline whose every task was last heard of a day ago, and the rule that looks at it. */
const open = async (options: Parameters<typeof openFakePipeline>[0] = {}) => {
  const pipeline = openFakePipeline({ source: short, ...options });
  const dispatch: Dispatch = options.dispatch ?? "pull";
  const videoId = pipeline.add(bytes);
  await pipeline.plan(videoId);
  const tries = { attempts: 1, dispatches: 1 };
  const signsOf = async (): Promise<TaskSigns[]> =>
    (await pipeline.store.unfinishedTasks(videoId)).map(({ taskId, spec }) => ({
      ...{ taskId, spec, ...tries, dispatchedAt: since, seenAt: since },
    }));
  const sweep: SweepStore = {
    takeStuck: async () => [],
    takeIdle: async () => [],
    takeSilent: async () =>
      pipeline.store.row(videoId).state.status === "transcoding"
        ? [{ videoId, dispatch, since }]
        : [],
    signsOf: async (video) => ({ ...video, lastSign: since, unfinished: await signsOf() }),
  };
  const rule = restartTasks({ sweep, pipeline: pipeline.store, ...pipeline.senders });
  const restart = async () => {
    for (const finding of await rule.find(dayLater, 50)) await finding.mend(silentLog);
  };
  return { ...pipeline, tries, restart, row: () => pipeline.store.row(videoId) };
};

const kindsOf = (tasks: readonly { readonly message: TaskMessage }[]) =>
  tasks.map(({ message }) => message.kind).sort();

describe("lost tasks", () => {
  it.each(["pull", "push"] as const)(
    "are sent again by %s, and the video ends as if nothing had been",
    async (dispatch) => {
      const { restart, row, tasks, drain } = await open({ dispatch });
      const lost = tasks.splice(0);
      await restart();
      expect(tasks.map((entry) => entry.dispatch)).toEqual(lost.map(() => dispatch));
      expect(kindsOf(tasks)).toEqual(kindsOf(lost));
      await drain();
      expect(row().state.status).toBe("ready");
    },
  );

  it("may be sent by two sweepers at once, or be on their way all along", async () => {
    const { restart, row, drain } = await open();
    await Promise.all([restart(), restart()]);
    await drain();
    await restart();
    expect(row().state.status).toBe("ready");
  });

  it("are settled by a worker when the last of them died before it could say that all is done", async () => {
    let dies = false;
    const pipeline = await open({
      fault: (step) => {
        if (step === "settle" && dies) throw new Error("killed");
      },
    });
    const { row, restart, tasks, drain } = pipeline;
    for (let entry = tasks.shift(); entry; entry = tasks.shift()) {
      dies = [...row().tasks.values()].filter(({ finished }) => !finished).length === 1;
      await pipeline.run(entry.message).catch(() => undefined);
    }
    expect(row().state.status).toBe("transcoding");
    expect([...row().tasks.values()].every(({ finished }) => finished)).toBe(true);

    dies = false;
    await restart();
    await drain();
    expect(row().state.status).toBe("ready");
  });
});

describe("hopeless tasks", () => {
  it("fail their video with a reason, and have removed what was made", async () => {
    const { restart, row, tasks, tries, drain, buckets } = await open();
    const [first] = tasks.splice(0);
    if (!first) throw new Error("There is no task.");
    Object.assign(tries, { attempts: 9, dispatches: 3 });
    await restart();
    expect(row().failure).toMatchObject({
      code: "gave-up",
      message: expect.stringMatching(/^film.mp4 could not be transcoded: several attempts failed/),
    });
    expect(tasks).toEqual([]);
    await drain();
    expect([...buckets.objects.keys()]).toEqual([]);
  });

  it("are left out when the video is whole without them", async () => {
    const { restart, row, tasks, tries, drain } = await open();
    const others = tasks.splice(0).filter(({ message }) => message.kind !== "metadata");
    tasks.push(...others);
    await drain();
    expect(row().state.status).toBe("transcoding");
    Object.assign(tries, { attempts: 9, dispatches: 3 });
    await restart();
    await drain();
    expect(row().state.status).toBe("ready");
  });
});
