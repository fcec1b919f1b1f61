import fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import { ManualClock } from "../clock.ts";
import { createTestContext, type TestContext } from "../testing.ts";
import { createSqsService, type DeliveryFaults, type SqsService } from "./index.ts";

let opened: TestContext[] = [];
afterEach(async () => {
  for (const context of opened) await context.dispose();
  opened = [];
});

async function open(
  options: { context?: Parameters<typeof createTestContext>[0]; faults?: DeliveryFaults } = {},
) {
  const clock = new ManualClock();
  const context = await createTestContext({
    clock,
    endpoint: () => "http://127.0.0.1:1",
    ...options.context,
  });
  opened.push(context);
  return { clock, context, service: createSqsService(context, { faults: options.faults }) };
}

async function makeQueue(
  service: SqsService,
  name: string,
  properties: Record<string, unknown> = {},
): Promise<string> {
  const provider = service.resourceProviders.find((it) => it.type === "AWS::SQS::Queue");
  const state = await provider?.put(provider.schema.parse({ QueueName: name, ...properties }), {
    accountId: "000000000000",
    region: "us-east-1",
    stackName: "stack",
    logicalId: name,
    generatedName: () => name,
    assetPath: (key) => key,
  });
  return state?.attributes.Arn ?? "";
}

describe("the laws of a standard queue", () => {
  it("hold for any order of sends, receives, deletes and time", async () => {
    const { clock, service } = await open();
    const visibilityMs = 5000;
    const maxReceiveCount = 3;
    let run = 0;

    const step = fc.oneof(
      { weight: 3, arbitrary: fc.constant("send" as const) },
      { weight: 4, arbitrary: fc.constant("receive" as const) },
      { weight: 2, arbitrary: fc.constant("delete" as const) },
      { weight: 2, arbitrary: fc.constant("release" as const) },
      { weight: 3, arbitrary: fc.integer({ min: 1, max: 6000 }) },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        // Prepare
        run += 1;
        const dead = await makeQueue(service, `dead-${run}`);
        const queue = await makeQueue(service, `queue-${run}`, {
          VisibilityTimeout: visibilityMs / 1000,
          RedrivePolicy: { deadLetterTargetArn: dead, maxReceiveCount },
        });
        const alive = new Set<string>();
        const hiddenUntil = new Map<string, number>();
        const handles: { body: string; handle: string }[] = [];
        const counts = new Map<string, number>();

        // Act
        for (const [index, action] of steps.entries()) {
          if (typeof action === "number") clock.advance(action);
          else if (action === "send") {
            await service.sendMessage(queue, `${index}`);
            alive.add(`${index}`);
          } else if (action === "receive") {
            for (const message of service.receive(queue, 2)) {
              // Assess: nothing hidden or deleted is handed out, and no delivery is above the count
              expect(alive.has(message.body)).toBe(true);
              expect(hiddenUntil.get(message.body) ?? 0).toBeLessThanOrEqual(clock.now());
              counts.set(message.body, (counts.get(message.body) ?? 0) + 1);
              expect(message.receiveCount).toBe(counts.get(message.body));
              expect(message.receiveCount).toBeLessThanOrEqual(maxReceiveCount);
              hiddenUntil.set(message.body, clock.now() + visibilityMs);
              handles.push({ body: message.body, handle: message.receiptHandle });
            }
          } else {
            const last = handles.pop();
            if (!last) continue;
            const held = (hiddenUntil.get(last.body) ?? 0) > clock.now();
            if (action === "delete") {
              service.acknowledge(queue, [last.handle]);
              alive.delete(last.body);
            } else {
              service.release(queue, [last.handle]);
              if (held) {
                hiddenUntil.set(last.body, clock.now());
                counts.set(last.body, (counts.get(last.body) ?? 1) - 1);
              }
            }
            // A receipt that was replaced is void: forget the older ones of this message.
            handles.splice(0, handles.length, ...handles.filter((it) => it.body !== last.body));
          }
        }

        // Assess: in the end each message is in the queue or a dead letter, exactly once
        const found: string[] = [];
        for (let round = 0; round < 4; round += 1) {
          clock.advance(visibilityMs);
          for (;;) {
            const batch = service.receive(queue, 10);
            if (batch.length === 0) break;
          }
        }
        found.push(...service.receive(dead, 1000).map((message) => message.body));
        expect(found.sort()).toEqual([...alive].sort());
      }),
      { numRuns: 60 },
    );
  });
});

describe("a restart", () => {
  it("keeps messages and releases what the cloud's own pollers held, and nothing else", async () => {
    // Prepare
    const first = await open();
    const queue = await makeQueue(first.service, "queue", { VisibilityTimeout: 600 });
    for (const body of ["held", "failed", "waiting"]) await first.service.sendMessage(queue, body);
    const [held, failed] = first.service.receive(queue, 2);
    first.service.abandon(queue, [failed?.receiptHandle ?? ""]);

    // Act: the same database under a new service, as after a kill
    const service = createSqsService(first.context);
    const received = service.receive(queue, 10);

    // Assess
    expect(held?.body).toBe("held");
    expect(received.map((it) => it.body).sort()).toEqual(["held", "waiting"]);
    expect(received.find((it) => it.body === "held")?.receiveCount).toBe(1);
  });

  it("gives a queue its URL at the new port and keeps its messages at a changed template", async () => {
    // Prepare
    const { service, context } = await open();
    const queue = await makeQueue(service, "queue", { VisibilityTimeout: 1 });
    await service.sendMessage(queue, "kept");

    // Act
    const moved = createSqsService({ ...context, endpoint: () => "http://127.0.0.1:2" });
    const again = await makeQueue(moved, "queue", { VisibilityTimeout: "7" });

    // Assess
    expect(again).toBe(queue);
    expect(moved.visibilityTimeout(queue)).toBe(7);
    expect(moved.receive(queue, 1)[0]?.body).toBe("kept");
  });
});

describe("delivery faults", () => {
  const faults = { seed: 7, duplicateRate: 0.5, reorderRate: 0.5, duplicateWithinMs: 100 };

  const drain = async (seed: number) => {
    const { clock, service } = await open({ faults: { ...faults, seed } });
    const queue = await makeQueue(service, "queue");
    for (let index = 0; index < 40; index += 1) await service.sendMessage(queue, String(index));
    const order: string[] = [];
    for (let round = 0; round < 40; round += 1) {
      for (const message of service.receive(queue, 3)) {
        order.push(message.body);
        service.acknowledge(queue, [message.receiptHandle]);
      }
      clock.advance(50);
    }
    return order;
  };

  it("duplicate and reorder deliveries, lose none, and repeat from their seed", async () => {
    // Act
    const order = await drain(7);

    // Assess
    const inOrder = [...order].sort((a, b) => Number(a) - Number(b));
    expect(new Set(order).size).toBe(40);
    expect(order.length).toBeGreaterThan(45);
    expect(order).not.toEqual(inOrder);
    expect(await drain(7)).toEqual(order);
    expect(await drain(8)).not.toEqual(order);
  });
});

describe("retention", () => {
  it("ends a message that nobody received", async () => {
    // Prepare
    const { clock, service } = await open();
    const queue = await makeQueue(service, "queue", { MessageRetentionPeriod: 60 });
    await service.sendMessage(queue, "old");

    // Act
    clock.advance(60_000);

    // Assess
    expect(service.receive(queue, 1)).toEqual([]);
  });
});
