import type { TaskMessage } from "@sluice/contracts";
import { describe, expect, it } from "vitest";
import { bytes, openFakePipeline } from "../testing/fake-pipeline.ts";
import { failedDeliverySchema } from "./failed-delivery.ts";

const task: TaskMessage = {
  version: 1,
  videoId: "7f0b5cf0-3d50-4a0e-9d3b-0f5f7d0f4c11",
  taskId: "7f0b5cf0-3d50-4a0e-9d3b-0f5f7d0f4c11:audio",
  kind: "audio",
  ticket: "5e0b5cf0-3d50-4a0e-9d3b-0f5f7d0f4c11",
  correlationId: "correlation",
};
const Message = JSON.stringify(task);

const record = (condition: string) => ({
  version: "1.0",
  timestamp: "2026-01-01T00:00:00.000Z",
  requestContext: {
    ...{ requestId: "r1", functionArn: "arn:aws:lambda:us-east-1:000000000000:function:f:$LATEST" },
    ...{ condition, approximateInvokeCount: 3 },
  },
  requestPayload: { Records: [{ EventSource: "aws:sns", Sns: { MessageId: "m1", Message } }] },
  responseContext: { statusCode: 200, executedVersion: "$LATEST", functionError: "Unhandled" },
  responsePayload: { errorMessage: "no" },
});

describe("what push gave up", () => {
  it.each([
    ["Lambda, after the last attempt", record("RetriesExhausted"), "failed"],
    ["Lambda, after too long a wait", record("EventAgeExceeded"), "never-run"],
    ["SNS", { Type: "Notification", MessageId: "m1", Message, MessageAttributes: {} }, "never-run"],
  ])("is understood from %s", (_, text, cause) => {
    expect(failedDeliverySchema.parse(text)).toEqual({ task, cause });
  });

  it.each([
    ["another shape", { task }],
    ["a notification of something else", { Type: "Notification", Message: '{"name":"a"}' }],
    ["no JSON", { Type: "Notification", Message: "a" }],
  ])("is refused when it is %s", (_, text) => {
    expect(failedDeliverySchema.safeParse(text).success).toBe(false);
  });
});

describe("a failed task", () => {
  const opened = async () => {
    const pipeline = openFakePipeline({ dispatch: "push" });
    const videoId = pipeline.add(bytes);
    await pipeline.plan(videoId);
    const of = (kind: TaskMessage["kind"]) => {
      const found = pipeline.tasks.find(({ message }) => message.kind === kind);
      if (!found) throw new Error(`There is no task of kind ${kind}.`);
      return found.message;
    };
    return { ...pipeline, of, row: () => pipeline.store.row(videoId) };
  };

  it("fails its video once a worker had it, and has its remains removed, however often it is told", async () => {
    const { retire, row, of, store, packages } = await opened();
    await store.countAttempt(of("audio").taskId);
    for (let time = 0; time < 2; time += 1) await retire(of("audio"), "failed");
    expect(row().failure).toMatchObject({
      code: "gave-up",
      message: expect.stringMatching(/^film.mp4 could not be transcoded/),
    });
    expect(packages).toHaveLength(1);
  });

  it("is left out when the video is whole without it", async () => {
    const pipeline = await opened();
    const metadata = pipeline.of("metadata");
    await pipeline.store.countAttempt(metadata.taskId);
    pipeline.tasks.splice(
      0,
      pipeline.tasks.length,
      ...pipeline.tasks.filter(({ message }) => message !== metadata),
    );
    await pipeline.drain();
    expect(pipeline.row().state.status).toBe("transcoding");

    await pipeline.retire(metadata, "failed");
    await pipeline.drain();
    expect(pipeline.row().state.status).toBe("ready");
  });

  it.each([
    ["never-run", 1],
    ["failed", 0],
  ] as const)(
    "is left to the sweeper when it was %s after %i attempts",
    async (cause, attempts) => {
      const { retire, row, of, store } = await opened();
      const { taskId } = of("audio");
      for (let attempt = 0; attempt < attempts; attempt += 1) await store.countAttempt(taskId);
      await retire(of("audio"), cause);
      expect(row().state.status).toBe("transcoding");
      expect(row().tasks.get(taskId)).toMatchObject({ isOut: false });
    },
  );

  it("changes nothing when it is done already, or names another ticket", async () => {
    const { retire, row, run, of } = await opened();
    const task = of("audio");
    await run(task);
    await retire(task, "failed");
    await retire({ ...task, ticket: "00000000-0000-4000-8000-000000000000" }, "failed");
    expect(row().state.status).toBe("transcoding");
  });
});
