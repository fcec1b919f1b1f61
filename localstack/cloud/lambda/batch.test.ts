import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ReceivedMessage } from "../sqs/index.ts";
import { batchEvent, fitting, judgeBatch } from "./batch.ts";
import { MAX_SYNC_PAYLOAD_BYTES } from "./limits.ts";

const message = (messageId: string, body = ""): ReceivedMessage => ({
  messageId,
  receiptHandle: `receipt-${messageId}`,
  body,
  attributes: {},
  sentAt: 0,
  firstReceivedAt: 0,
  receiveCount: 1,
});
const arn = "arn:aws:sqs:us-east-1:000000000000:queue";
const messages = ["a", "b", "c"].map((id) => message(id));
const judge = (answer: unknown, options: { failed?: boolean; reports?: boolean } = {}) => {
  const verdict = judgeBatch(
    messages,
    { failed: options.failed ?? false, payload: Buffer.from(JSON.stringify(answer)) },
    options.reports ?? true,
  );
  return verdict.succeeded.map((it) => it.messageId).join("");
};

describe("the verdict over a batch", () => {
  it.each([
    ["null", null, "abc"],
    ["an empty object", {}, "abc"],
    ["no failures", { batchItemFailures: [] }, "abc"],
    ["null failures", { batchItemFailures: null }, "abc"],
    ["one failure", { batchItemFailures: [{ itemIdentifier: "b" }] }, "ac"],
    ["an unknown message", { batchItemFailures: [{ itemIdentifier: "z" }] }, ""],
    ["an empty id", { batchItemFailures: [{ itemIdentifier: "" }] }, ""],
    ["a wrong key", { batchItemFailures: [{ id: "b" }] }, ""],
    ["a text", "fine", ""],
  ])("follows Lambda's table for %s", (_title, answer, succeeded) => {
    expect(judge(answer)).toBe(succeeded);
  });

  it("looks at the answer only when the mapping asks for it, and fails all at a throw", () => {
    expect(judge({ batchItemFailures: [{ itemIdentifier: "b" }] }, { reports: false })).toBe("abc");
    expect(judge(null, { failed: true })).toBe("");
  });
});

describe("fitting", () => {
  it("takes as many messages as the payload limit allows, and at least one", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 1_048_576 }), { minLength: 1, maxLength: 12 }),
        (sizes) => {
          const batch = sizes.map((size, index) => message(String(index), '"'.repeat(size)));
          const count = fitting(batch, arn);
          const bytes = (n: number) =>
            Buffer.byteLength(JSON.stringify(batchEvent(batch.slice(0, n), arn)));
          expect(count).toBeGreaterThanOrEqual(1);
          if (count > 1) expect(bytes(count)).toBeLessThanOrEqual(MAX_SYNC_PAYLOAD_BYTES);
          if (count < batch.length)
            expect(bytes(count + 1)).toBeGreaterThan(MAX_SYNC_PAYLOAD_BYTES - 8);
        },
      ),
      { numRuns: 10 },
    );
  });
});
