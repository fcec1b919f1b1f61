import { randomUUID } from "node:crypto";
import { webhookPayloadSchema } from "@sluice/contracts";
import { Webhook } from "standardwebhooks";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { sendAgain, testWebhook } from "./domain/deliveries.ts";
import { replaceSecret } from "./domain/manage-webhooks.ts";
import { type MemoryDeliveryOptions, memoryDelivery } from "./testing/memory-delivery.ts";
import { type Received, TestReceiver } from "./testing/receiver.ts";

/** Real requests to a real receiver; only the clock is moved, so that a day takes no time. */
const now = () => new Date();
let server: TestReceiver;
let secrets: Map<string, string>;
let verified: { readonly path: string; readonly id: unknown; readonly type: string }[];

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ["Date"] });
  server = await TestReceiver.listening();
  secrets = new Map();
  verified = [];
});
afterEach(async () => {
  vi.useRealTimers();
  await server[Symbol.asyncDispose]();
});

/** As a receiver does it, with the library, at the time of the request. */
const verify = ({ path, headers, body }: Received) => {
  const webhook = new Webhook(secrets.get(path) ?? "");
  const payload = webhookPayloadSchema.parse(
    webhook.verify(body, headers as Record<string, string>),
  );
  verified.push({ path, id: headers["webhook-id"], type: payload.type });
};

/** Answers the nth request by the nth status, and later ones by the last; 0 leaves it hanging. */
const answering = (...statuses: number[]): void => {
  server.behaviour = (response, received, nth) => {
    verify(received);
    const status = statuses[Math.min(nth, statuses.length) - 1] ?? 204;
    if (status !== 0) response.writeHead(status).end();
  };
};

const open = async (options: Omit<MemoryDeliveryOptions, "now"> = {}, path = "/hook") => {
  const delivery = memoryDelivery({ now, ...options });
  const webhook = await delivery.subscribe(`${server.url}${path}`);
  secrets.set(path, webhook.secret);
  const latest = async () => (await delivery.store.deliveries(webhook.webhookId, 10, 20))[0];
  return { ...delivery, webhook, latest };
};

/** Lets time pass until no message waits, or the given time is over. Answers how much passed. */
const pass = async (
  { deliverVisible }: Pick<Awaited<ReturnType<typeof open>>, "deliverVisible">,
  forSeconds = Number.POSITIVE_INFINITY,
): Promise<number> => {
  const begun = Date.now();
  for (let next = await deliverVisible(); next; next = await deliverVisible()) {
    if (next.getTime() > begun + forSeconds * 1000) break;
    vi.setSystemTime(Math.max(next.getTime(), Date.now()));
  }
  return (Date.now() - begun) / 1000;
};

describe("an event", () => {
  it("is received, signed, by whoever listens to it", async () => {
    // Prepare
    const { happen, latest, ...delivery } = await open();
    answering(204);

    // Act
    const videoId = await happen("video.ready");
    await pass(delivery);

    // Assess
    const [received] = server.received;
    expect(verified).toEqual([
      { path: "/hook", id: received?.headers["webhook-id"], type: "video.ready" },
    ]);
    expect(JSON.parse(received?.body ?? "")).toEqual({
      ...{ type: "video.ready", version: 1, timestamp: (await latest())?.occurredAt },
      data: {
        ...{ videoId, title: "Film", fileName: "film.mp4", status: "ready" },
        ...{ durationMs: 60_000, width: 1_280, height: 720 },
      },
    });
    expect(await latest()).toMatchObject({
      ...{ state: "succeeded", eventId: received?.headers["webhook-id"] },
      attempts: [{ attempt: 1, status: 204 }],
    });
  });

  it("says of a failed video why, and of an upload what came", async () => {
    const { happen, ...delivery } = await open();
    answering(204);
    const videoId = await happen("upload.completed");
    await happen("video.failed", videoId);
    await pass(delivery);
    const about = { videoId, title: "Film", fileName: "film.mp4" };
    expect(server.received.map(({ body }) => JSON.parse(body).data)).toEqual([
      { ...about, uploadId: expect.any(String), size: 1_000 },
      {
        ...{ ...about, status: "failed" },
        failure: { code: "gave-up", message: "film.mp4 could not be read." },
      },
    ]);
  });

  it("comes again after a failure: the same id and body, signed anew", async () => {
    // Prepare
    const { happen, latest, ...delivery } = await open();
    answering(500, 503, 200);

    // Act
    await happen("video.ready");
    const seconds = await pass(delivery);

    // Assess
    expect(seconds).toBeGreaterThanOrEqual(5);
    expect(seconds).toBeLessThan(7);
    expect(verified).toHaveLength(3);
    expect(new Set(verified.map(({ id }) => id)).size).toBe(1);
    expect(new Set(server.received.map(({ body }) => body)).size).toBe(1);
    const stamps = server.received.map(({ headers }) => headers["webhook-timestamp"]);
    expect(new Set(stamps).size).toBe(3);
    expect((await latest())?.attempts.map(({ status }) => status)).toEqual([500, 503, 200]);
  });

  it.each([200, 299])("is taken by an answer of %i", async (status) => {
    const { happen, latest, ...delivery } = await open();
    answering(status);
    await happen("video.ready");
    await pass(delivery);
    expect(await latest()).toMatchObject({ state: "succeeded", attempts: [{ status }] });
  });

  it.each([300, 302, 304, 400, 404, 500])("is not taken by an answer of %i", async (status) => {
    const { happen, latest, ...delivery } = await open();
    answering(status, 200);
    await happen("video.ready");
    await pass(delivery);
    expect((await latest())?.attempts.map((attempt) => attempt.status)).toEqual([status, 200]);
  });

  it("comes again when no answer came in time", async () => {
    const { happen, latest, ...delivery } = await open({ timeoutMs: 100 });
    answering(0, 200);
    await happen("video.ready");
    await pass(delivery);
    expect(await latest()).toMatchObject({
      state: "succeeded",
      attempts: [{ error: "No answer came in time." }, { status: 200 }],
    });
  });

  it("reaches a receiver that was away for hours", async () => {
    const { happen, latest, ...delivery } = await open();
    answering(200);
    await server.goAway();
    await happen("video.ready");
    await pass(delivery, 3 * 3_600);
    expect(await latest()).toMatchObject({ state: "pending", nextAttemptAt: expect.any(String) });
    await server.listen();
    await pass(delivery);
    expect(verified).toHaveLength(1);
    expect(await latest()).toMatchObject({ state: "succeeded" });
  });

  it("waits as long as a receiver asks for", async () => {
    const { happen, ...delivery } = await open();
    server.behaviour = (response, _, nth) =>
      nth === 1
        ? response.writeHead(429, { "retry-after": "600" }).end()
        : response.writeHead(204).end();
    await happen("video.ready");
    expect(await pass(delivery)).toBeGreaterThanOrEqual(600);
  });

  it("is set aside after a day, recorded as failed, and can be sent again", async () => {
    // Prepare
    const { happen, latest, store, handOver, deadLetters, webhook, owner, ...delivery } =
      await open();
    answering(500);

    // Act
    await happen("video.ready");
    const seconds = await pass(delivery);

    // Assess
    expect(seconds / 3_600).toBeCloseTo(24, 0);
    const failed = await latest();
    expect(failed).toMatchObject({ state: "failed" });
    expect(failed?.attempts).toHaveLength(11);
    const { webhookId } = webhook;
    const id = { webhookId, eventId: failed?.eventId ?? "" };
    expect(deadLetters).toMatchObject([id]);
    answering(204);
    await sendAgain({ store, ...handOver }, { owner, ...id });
    await pass(delivery);
    expect(await latest()).toMatchObject({ state: "succeeded" });
  });

  it("succeeds once, although every message of it comes twice", async () => {
    // Prepare: both at the same time, and again after a failure.
    const { happen, latest, queued, deadLetters, ...delivery } = await open({ copies: 2 });
    answering(500, 204);

    // Act
    await happen("video.ready");
    await pass(delivery);

    // Assess
    expect(verified).toHaveLength(2);
    expect((await latest())?.attempts.map(({ status }) => status)).toEqual([500, 204]);
    expect([queued, deadLetters]).toEqual([[], []]);
  });

  it("is sent without waiting for a receiver that hangs", async () => {
    // Prepare
    const { happen, subscribe, ...delivery } = await open({ timeoutMs: 60_000 }, "/hangs");
    const other = await subscribe(`${server.url}/quick`);
    secrets.set("/quick", other.secret);
    server.behaviour = (response, { path }) => {
      if (path === "/quick") response.writeHead(204).end();
    };

    // Act
    for (let event = 0; event < 8; event += 1) await happen("video.ready");
    const delivering = delivery.deliverVisible();

    // Assess: all of the one, and of the other as many as may be under way.
    await server.heard("/quick", 5);
    await server.heard("/hangs", 5);
    await server.goAway();
    await server.listen();
    await delivering;
    expect(server.at("/hangs")).toHaveLength(5);
    server.behaviour = (response) => response.writeHead(204).end();
    await pass(delivery);
    const ids = (path: string) => new Set(server.at(path).map((it) => it.headers["webhook-id"]));
    expect([ids("/quick").size, ids("/hangs").size]).toEqual([8, 8]);
  });
});

describe("a webhook", () => {
  it("is not used any more when its receiver is gone", async () => {
    // Prepare
    const { happen, latest, store, deadLetters, owner, webhook, handOver, ...delivery } =
      await open();
    answering(410);

    // Act
    await happen("video.ready");
    await pass(delivery);
    await happen("video.ready");
    await pass(delivery);

    // Assess
    expect(verified).toHaveLength(1);
    expect(await latest()).toMatchObject({ state: "failed", attempts: [{ status: 410 }] });
    expect(deadLetters).toEqual([]);
    const { webhookId } = webhook;
    expect((await store.find(owner, webhookId))?.disabledAt).toBeInstanceOf(Date);
    await expect(
      testWebhook(
        { store, ...handOver },
        { owner, webhookId, correlationId: "c", newId: randomUUID },
      ),
    ).rejects.toMatchObject({ code: "webhook-disabled" });
  });

  it("is tested by an event of its own, once", async () => {
    const { store, handOver, owner, webhook, latest, deadLetters, ...delivery } = await open();
    answering(500);
    const { webhookId } = webhook;
    const { eventId } = await testWebhook(
      { store, ...handOver },
      { owner, webhookId, correlationId: "c", newId: randomUUID },
    );
    expect(await pass(delivery)).toBeLessThan(1);
    expect(verified).toEqual([{ path: "/hook", id: eventId, type: "webhook.test" }]);
    expect(await latest()).toMatchObject({ state: "failed", attempts: [{ status: 500 }] });
    expect(deadLetters).toEqual([]);
  });

  it("is verified by the old secret and the new one for a day, then by the new one alone", async () => {
    // Prepare
    const { happen, store, owner, webhook, ...delivery } = await open();
    const keyring = { read: async () => new Map([[1, new Uint8Array(32).fill(7)]]) };
    const { webhookId, secret: old } = webhook;
    const command = { owner, webhookId, replaces: 1, now: now() };

    // Act
    const replaced = await replaceSecret({ store, keyring }, command);
    const again = await replaceSecret({ store, keyring }, command);

    // Assess
    expect(again).toEqual(replaced);
    for (const secret of [old, replaced.secret]) {
      secrets.set("/hook", secret);
      answering(204);
      await happen("video.ready");
      await pass(delivery);
    }
    expect(verified).toHaveLength(2);
    vi.setSystemTime(Date.parse(replaced.previousValidUntil) + 1_000);
    await happen("video.ready");
    await pass(delivery);
    expect(verified).toHaveLength(3);
    const [signature = ""] = [server.received.at(-1)?.headers["webhook-signature"]].flat();
    expect(signature.split(" ")).toHaveLength(1);
    await expect(replaceSecret({ store, keyring }, { ...command, replaces: 3 })).rejects.toThrow(
      'Send {"replaces": 2}',
    );
  });
});

describe("what a kill leaves", () => {
  const steps = ["take", "send", "hand over", "begin", "post", "end", "ended", "set aside"];

  it.each(steps)("is finished by others, killed before %j", async (step) => {
    // Prepare: the first who comes there dies.
    let killed = false;
    const fault = (at: string) => {
      if (at !== step || killed) return;
      killed = true;
      throw new Error("killed");
    };
    const { happen, latest, sweep, deadLetters, ...delivery } = await open({ fault });
    // One that is set aside at last is one that was never taken.
    answering(step === "set aside" ? 500 : 204);

    // Act
    await happen("video.ready");
    await pass(delivery);
    vi.setSystemTime(Date.now() + 2 * 3_600_000);
    await sweep();
    await pass(delivery);

    // Assess
    expect(killed).toBe(true);
    expect(new Set(verified.map(({ id }) => id)).size).toBe(1);
    const state = step === "set aside" ? "failed" : "succeeded";
    expect(await latest()).toMatchObject({ state });
    expect(deadLetters).toHaveLength(step === "set aside" ? 1 : 0);
    expect(await sweep()).toMatchObject({ sent: 0 });
  });

  it("is a lost message, which the sweep sends again and the first one does not double", async () => {
    // Prepare
    const { happen, latest, sweep, queued, ...delivery } = await open();
    answering(500, 204);
    await happen("video.ready");
    const [lost] = queued.splice(0);

    // Act
    vi.setSystemTime(Date.now() + 30 * 60_000);
    const early = await sweep();
    vi.setSystemTime(Date.now() + 31 * 60_000);
    const late = await sweep();
    if (lost) queued.push({ ...lost, visibleAt: now() });
    await pass(delivery);

    // Assess
    expect([early.sent, late.sent]).toEqual([0, 1]);
    expect(verified).toHaveLength(2);
    expect(await latest()).toMatchObject({ state: "succeeded" });
  });

  it("is forgotten a month after it has ended", async () => {
    const { happen, latest, sweep, ...delivery } = await open();
    answering(204);
    await happen("video.ready");
    await pass(delivery);
    vi.setSystemTime(Date.now() + 29 * 24 * 3_600_000);
    expect(await sweep()).toEqual({ sent: 0, forgotten: 0 });
    vi.setSystemTime(Date.now() + 2 * 24 * 3_600_000);
    expect(await sweep()).toEqual({ sent: 0, forgotten: 1 });
    expect(await latest()).toBeUndefined();
  });
});
