import { randomUUID } from "node:crypto";
import { describe, expect, test } from "vitest";
import { SluiceApi } from "./api.ts";
import { AnswerError } from "./errors.ts";

const webhookId = randomUUID();
const eventId = randomUUID();
const webhook = {
  ...{ webhookId, url: "https://example.com/", events: ["video.ready"], secretVersion: 1 },
  createdAt: "2026-01-01T00:00:00.000Z",
};
const secret = `whsec_${"A".repeat(43)}=`;
const delivery = {
  ...{ eventId, type: "video.ready", occurredAt: "2026-01-01T00:00:00.000Z", state: "pending" },
  nextAttemptAt: "2026-01-01T00:00:05.000Z",
  attempts: [{ attempt: 1, at: "2026-01-01T00:00:01.000Z", durationMs: 12, status: 500 }],
};

/** An API that gives one answer, and remembers what it was asked. */
const answering = (answer: unknown) => {
  const asked: { method: string; path: string; body: unknown; key: string | null }[] = [];
  const api = new SluiceApi({
    baseUrl: "https://sluice.example/api",
    token: async () => "token",
    fetch: async (input, init) => {
      const request = new Request(input, init);
      const text = await request.text();
      asked.push({
        method: request.method,
        path: request.url.replace("https://sluice.example/api", ""),
        body: text === "" ? undefined : JSON.parse(text),
        key: request.headers.get("idempotency-key"),
      });
      return answer === undefined ? new Response(null, { status: 204 }) : Response.json(answer);
    },
  });
  return { asked, webhooks: api.webhooks };
};

describe("the webhooks of the API", () => {
  test.each<[string, unknown, (api: SluiceApi["webhooks"]) => Promise<unknown>, object, unknown]>([
    [
      "are created by a key",
      { ...webhook, secret },
      (api) => api.create({ url: "https://example.com/", events: ["video.ready"] }, "key-1"),
      {
        ...{ method: "POST", path: "/webhooks", key: "key-1" },
        body: { url: "https://example.com/", events: ["video.ready"] },
      },
      { ...webhook, secret },
    ],
    [
      "are listed",
      { webhooks: [webhook] },
      (api) => api.list(),
      { method: "GET", path: "/webhooks" },
      [webhook],
    ],
    [
      "are deleted",
      undefined,
      (api) => api.delete(webhookId),
      { method: "DELETE", path: `/webhooks/${webhookId}` },
      undefined,
    ],
    [
      "show their deliveries",
      { deliveries: [delivery] },
      (api) => api.deliveries(webhookId, { limit: 5 }),
      { method: "GET", path: `/webhooks/${webhookId}/deliveries?limit=5` },
      [delivery],
    ],
    [
      "are tested",
      { eventId },
      (api) => api.test(webhookId),
      { method: "POST", path: `/webhooks/${webhookId}/test` },
      { eventId },
    ],
    [
      "are sent an event again",
      { eventId },
      (api) => api.sendAgain(webhookId, eventId),
      { method: "POST", path: `/webhooks/${webhookId}/deliveries/${eventId}` },
      { eventId },
    ],
    [
      "are given a new secret",
      { secret, secretVersion: 2, previousValidUntil: "2026-01-02T00:00:00.000Z" },
      (api) => api.replaceSecret(webhookId, 1),
      { method: "POST", path: `/webhooks/${webhookId}/secret`, body: { replaces: 1 } },
      { secret, secretVersion: 2, previousValidUntil: "2026-01-02T00:00:00.000Z" },
    ],
  ])("%s", async (_name, answer, call, request, result) => {
    const { asked, webhooks } = answering(answer);
    expect(await call(webhooks)).toEqual(result);
    expect(asked).toMatchObject([request]);
  });

  test("are refused when they are not what the contract says", async () => {
    const { webhooks } = answering({ webhooks: [{ ...webhook, colour: "red" }] });
    await expect(webhooks.list()).rejects.toThrow(AnswerError);
  });
});
