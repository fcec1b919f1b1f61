import { App, Duration, Stack } from "aws-cdk-lib";
import { expect, it } from "vitest";
import { targetNamed } from "../targets.ts";
import { ConsumerQueue } from "./consumer-queue.ts";
import { ServiceFunction } from "./service-function.ts";

it("refuses a consumer that may still work when its message is shown again", () => {
  // Prepare
  const app = new App({ context: { "aws:cdk:bundling-stacks": [] } });
  const stack = new Stack(app, "Stack");
  const queue = new ConsumerQueue(stack, "Work", {
    consumerTimeout: Duration.seconds(60),
    maxReceiveCount: 3,
    alarmAfterWaiting: Duration.minutes(5),
  });
  const slow = new ServiceFunction(stack, "Slow", {
    target: targetNamed("embedded"),
    capability: "platform",
    name: "slow",
    description: "Takes a second too long",
    timeout: Duration.seconds(61),
    memoryMiB: 128,
  });

  // Act
  const feed = () => queue.feed(slow, { batchSize: 1, maxConcurrency: 2 });

  // Assess
  expect(feed).toThrow("Stack/Slow may run longer than the 60 s that Stack/Work plans");
});
