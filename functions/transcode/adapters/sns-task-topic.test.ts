import { type PublishBatchCommandInput, SNSClient } from "@aws-sdk/client-sns";
import type { TaskMessage } from "@sluice/contracts";
import { describe, expect, it, vi } from "vitest";
import { snsTaskTopic } from "./sns-task-topic.ts";

const task = (index: number): TaskMessage => ({
  version: 1,
  videoId: "7f0b5cf0-3d50-4a0e-9d3b-0f5f7d0f4c11",
  taskId: `task-${index}`,
  kind: index === 1 ? "audio" : "transcode",
  ticket: "5e0b5cf0-3d50-4a0e-9d3b-0f5f7d0f4c11",
  correlationId: "correlation",
});

/** A topic that refuses the entries whose number in the order of publishing is named. */
const openTopic = (refused: readonly number[] = []) => {
  const client = new SNSClient({ region: "us-east-1" });
  const calls: PublishBatchCommandInput[] = [];
  const taken: string[] = [];
  let offered = 0;
  vi.spyOn(client, "send").mockImplementation(async ({ input }: { input: unknown }) => {
    const call = input as PublishBatchCommandInput;
    calls.push(call);
    const failed = (call.PublishBatchRequestEntries ?? []).filter(({ Message = "" }) => {
      const isRefused = refused.includes(offered);
      offered += 1;
      if (!isRefused) taken.push(JSON.parse(Message).taskId);
      return isRefused;
    });
    return { Failed: failed.map(({ Id }) => ({ Id, Code: "InternalError", SenderFault: false })) };
  });
  return { topic: snsTaskTopic(client, "arn:aws:sns:us-east-1:000000000000:tasks"), calls, taken };
};

describe("a topic of tasks", () => {
  it("gets the first task by itself, before ten at a time of the others, each with its kind", async () => {
    const { topic, calls } = openTopic();
    await topic.send(Array.from({ length: 12 }, (_, index) => task(index)));
    expect(calls.map((call) => call.PublishBatchRequestEntries?.length)).toEqual([1, 10, 1]);
    expect(calls[1]?.PublishBatchRequestEntries?.[0]?.MessageAttributes).toEqual({
      kind: { DataType: "String", StringValue: "audio" },
    });
  });

  it("gets again what it refused of a batch, and only that", async () => {
    const { topic, taken } = openTopic([2, 4]);
    const tasks = Array.from({ length: 5 }, (_, index) => task(index));
    await topic.send(tasks);
    expect(taken.toSorted()).toEqual(tasks.map(({ taskId }) => taskId));
  });

  it("gets nothing that is no task", async () => {
    const { topic, calls } = openTopic();
    await expect(topic.send([{ ...task(0), ticket: "none" }])).rejects.toThrow();
    expect(calls).toEqual([]);
  });
});
