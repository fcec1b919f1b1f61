import { afterEach, expect, it, vi } from "vitest";
import { ManualClock } from "./clock.ts";
import { watchClock } from "./clock-watch.ts";
import type { AwsService } from "./service.ts";
import { createSqsService, type SqsService } from "./sqs/index.ts";
import { createTestContext, type TestContext } from "./testing.ts";

const hours = 3_600_000;
const arn = "arn:aws:sqs:us-east-1:000000000000:arrivals";
const noon = Date.UTC(2026, 0, 10, 12);

const opened: TestContext[] = [];
afterEach(async () => {
  for (const context of opened.splice(0)) await context.dispose();
});

/** A queue of 60 s visibility under a clock that can be set; `dataDir` reopens one. */
async function open(clock: ManualClock, dataDir?: string) {
  const log = vi.fn();
  const context = await createTestContext({
    clock,
    log,
    endpoint: () => "http://127.0.0.1",
    ...(dataDir && { dataDir }),
  });
  opened.push(context);
  const sqs = createSqsService(context);
  const queue = sqs.resourceProviders.find(({ type }) => type === "AWS::SQS::Queue");
  await queue?.put(queue.schema.parse({ QueueName: "arrivals", VisibilityTimeout: 60 }), {
    accountId: context.accountId,
    region: context.region,
    stackName: "stack",
    logicalId: "arrivals",
    generatedName: () => "arrivals",
    assetPath: () => "",
  });
  const state = { ...context, close: () => {} };
  const watch = watchClock({ state, clock, log }, [sqs as AwsService]);
  return { context, sqs, log, watch };
}

const bodies = (sqs: SqsService) => sqs.receive(arn, 10).map(({ body }) => body);

it("set back by hours hides no message longer than before", async () => {
  const clock = new ManualClock(noon);
  const { sqs, log } = await open(clock);
  await sqs.sendMessage(arn, "in flight");
  expect(bodies(sqs)).toEqual(["in flight"]);
  await sqs.sendMessage(arn, "waiting");

  clock.setTo(noon - 5 * hours);
  clock.advance(15_000);

  expect(bodies(sqs)).toEqual(["waiting"]);
  clock.advance(60_000);
  expect(bodies(sqs).sort()).toEqual(["in flight", "waiting"]);
  expect(log).toHaveBeenCalledWith("warn", expect.stringContaining("set back"), {
    // Less the time between two looks.
    seconds: 5 * 3600 - 15,
  });
});

it("set back wakes whoever waits for a message", async () => {
  const clock = new ManualClock(noon);
  const { sqs } = await open(clock);
  await sqs.send(arn, { body: "later", delaySeconds: 30 });
  const readable = sqs.readable(arn, new AbortController().signal);

  clock.setTo(noon - 5 * hours);
  clock.advance(45_000);

  await readable;
  expect(bodies(sqs)).toEqual(["later"]);
});

it("set back while the cloud was not running is noticed at the next start", async () => {
  const before = await open(new ManualClock(noon));
  await before.sqs.sendMessage(arn, "waiting");
  before.watch.stop();

  const after = await open(new ManualClock(noon - 5 * hours), before.context.dataDir);

  expect(bodies(after.sqs)).toEqual(["waiting"]);
});

it("set forward and back again by years loses nothing", async () => {
  const clock = new ManualClock(noon);
  const { sqs } = await open(clock);
  await sqs.sendMessage(arn, "waiting");

  clock.setTo(noon + 4 * 365 * 24 * hours);
  clock.advance(15_000);
  clock.setTo(noon + 60_000);
  clock.advance(15_000);

  expect(bodies(sqs)).toEqual(["waiting"]);
});

it("set back does not lengthen a long poll", async () => {
  const clock = new ManualClock(noon);
  const { sqs } = await open(clock);
  const readable = sqs.readable(arn, new AbortController().signal, 20_000);

  clock.setTo(noon - 5 * hours);
  clock.advance(20_000);

  await expect(readable).resolves.toBeUndefined();
});
