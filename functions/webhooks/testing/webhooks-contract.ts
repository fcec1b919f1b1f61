import { randomUUID } from "node:crypto";
import { type WebhookEventType, webhookPayloadSchema } from "@sluice/contracts";
import { describe, expect, it } from "vitest";
import { dueAfter, dueNow } from "../domain/hand-over.ts";
import type {
  Attempt,
  AttemptRecord,
  DeliveryStore,
  NewEvent,
  NewWebhook,
  Outbox,
  Verdict,
  WaitingDelivery,
  WebhookStore,
} from "../ports.ts";

export interface WebhooksUnderTest {
  readonly store: WebhookStore;
  readonly outbox: Outbox;
  readonly deliveries: DeliveryStore;
  /** A video of this owner. */
  readonly addVideo: (owner: string) => Promise<string>;
  /** Changes it, and tells of that; the same again changes nothing. */
  readonly change: (owner: string, type: WebhookEventType, videoId: string) => Promise<void>;
}

const limit = 3;
const newWebhook = (owner: string, changes: Partial<NewWebhook> = {}): NewWebhook => ({
  webhookId: randomUUID(),
  owner,
  url: "https://example.com/hook?a=1",
  events: ["upload.completed", "video.ready"],
  description: "Naïve hook: 🎬",
  keyNumber: 1,
  idempotencyKey: randomUUID(),
  requestHash: "hash",
  ...changes,
});
const testEvent = (owner: string): NewEvent => ({
  ...{ eventId: randomUUID(), owner, type: "webhook.test", body: "{}" },
  ...{ correlationId: "correlation-1", occurredAt: new Date() },
});
const answered: AttemptRecord = { at: new Date(), durationMs: 12, status: 500, error: undefined };
const inSeconds = (seconds: number) => new Date(Date.now() + seconds * 1000);

/** What the stores of webhooks promise together, whatever they are made of. */
export const describeWebhooks = (name: string, open: () => WebhooksUnderTest) => {
  describe(`webhooks in ${name}`, () => {
    /** An owner of their own, with a webhook, and a change that it listens to. */
    const told = async (type: WebhookEventType = "video.ready") => {
      const all = open();
      const owner = `owner-${randomUUID()}`;
      const webhook = newWebhook(owner);
      await all.store.create(webhook, limit);
      const videoId = await all.addVideo(owner);
      await all.change(owner, type, videoId);
      const taken = await all.outbox.takeOfVideo(videoId);
      const [message] = taken;
      if (!message) throw new Error("Nothing was recorded.");
      return { ...all, owner, webhook, videoId, taken, message };
    };
    const claim = async (
      deliveries: DeliveryStore,
      message: WaitingDelivery,
      now = inSeconds(1),
    ): Promise<Attempt> => {
      const claimed = await deliveries.begin(message, now, new Date(now.getTime() + 30_000), 5);
      if (claimed.state !== "claimed") throw new Error(`It is ${claimed.state}.`);
      return claimed.attempt;
    };
    const shown = async (store: WebhookStore, webhookId: string) =>
      (await store.deliveries(webhookId, 10, 20))[0];

    it("finds what was recorded, for its owner alone", async () => {
      // Prepare
      const { store } = open();
      const owner = `owner-${randomUUID()}`;
      const webhook = newWebhook(owner);

      // Act
      const recorded = await store.create(webhook, limit);

      // Assess
      const { webhookId, url, events, description, keyNumber, requestHash } = webhook;
      expect(recorded).toMatchObject({
        ...{ webhookId, url, events, description, keyNumber, requestHash },
        ...{ version: 1, previousSecret: undefined, disabledAt: undefined },
      });
      expect(await store.list(owner)).toMatchObject([{ webhookId }]);
      expect(await store.find("somebody", webhookId)).toBeUndefined();
      expect(await store.list("somebody")).toEqual([]);
      expect(await store.remove("somebody", webhookId)).toBe(false);
      expect(await store.remove(owner, webhookId)).toBe(true);
      expect(await store.remove(owner, webhookId)).toBe(false);
      expect(await store.list(owner)).toEqual([]);
    });

    it("answers the first webhook to every repeat of its key, also at the same time", async () => {
      const { store } = open();
      const owner = `owner-${randomUUID()}`;
      const idempotencyKey = randomUUID();
      const attempts = Array.from({ length: 4 }, () => newWebhook(owner, { idempotencyKey }));
      const answers = await Promise.all(attempts.map((each) => store.create(each, limit)));
      const ids = answers.map((answer) => answer !== "full" && answer.webhookId);
      expect(new Set(ids).size).toBe(1);
      expect(await store.list(owner)).toHaveLength(1);
    });

    it("takes no more than the limit, also at the same time", async () => {
      const { store } = open();
      const owner = `owner-${randomUUID()}`;
      const answers = await Promise.all(
        Array.from({ length: limit + 2 }, () => store.create(newWebhook(owner), limit)),
      );
      expect(answers.filter((answer) => answer === "full")).toHaveLength(2);
      expect(await store.list(owner)).toHaveLength(limit);
    });

    it("replaces the secret that was named, once", async () => {
      // Prepare
      const { store } = open();
      const owner = `owner-${randomUUID()}`;
      const { webhookId } = newWebhook(owner);
      await store.create(newWebhook(owner, { webhookId }), limit);
      const previousValidUntil = inSeconds(60);
      const replacement = { version: 1, newKeyNumber: 2, previousValidUntil };

      // Act
      const first = await store.replaceSecret(owner, webhookId, replacement);
      const again = await store.replaceSecret(owner, webhookId, {
        ...{ ...replacement, newKeyNumber: 3, previousValidUntil: inSeconds(600) },
      });

      // Assess
      expect(first).toMatchObject({
        ...{ keyNumber: 2, version: 2 },
        previousSecret: { keyNumber: 1, version: 1, validUntil: previousValidUntil },
      });
      expect(again).toEqual(first);
      expect(await store.replaceSecret("somebody", webhookId, replacement)).toBeUndefined();
    });

    it("tells each webhook that listens of a change, and no other", async () => {
      // Prepare
      const { store, outbox, addVideo, change } = open();
      const owner = `owner-${randomUUID()}`;
      const [first, second, deaf] = [
        newWebhook(owner),
        newWebhook(owner, { events: ["video.ready"] }),
        newWebhook(owner, { events: ["video.failed"] }),
      ];
      for (const webhook of [first, second, deaf, newWebhook("somebody")])
        await store.create(webhook, limit);
      const videoId = await addVideo(owner);

      // Act
      await change(owner, "video.ready", videoId);

      // Assess
      const taken = await outbox.takeOfVideo(videoId);
      const listening = [first.webhookId, second.webhookId].sort();
      expect(taken.map(({ webhookId }) => webhookId).sort()).toEqual(listening);
      expect(new Set(taken.map(({ eventId }) => eventId)).size).toBe(1);
      expect(taken[0]).toMatchObject({ sending: 1, correlationId: "correlation-1" });
    });

    it("records one event a change, however often it is repeated", async () => {
      const { store, outbox, owner, webhook, videoId, change, message } = await told();
      await outbox.handedOver([message], inSeconds(60));
      await Promise.all([1, 2, 3].map(() => change(owner, "video.ready", videoId)));
      expect(await outbox.takeOfVideo(videoId)).toEqual([]);
      expect(await store.deliveries(webhook.webhookId, 10, 20)).toHaveLength(1);
    });

    it("records nothing where nobody listens", async () => {
      const { store, outbox, addVideo, change } = open();
      const owner = `owner-${randomUUID()}`;
      const videoId = await addVideo(owner);
      await change(owner, "video.ready", videoId);
      // Who comes later hears of what comes later.
      await store.create(newWebhook(owner), limit);
      expect(await outbox.takeOfVideo(videoId)).toEqual([]);
    });

    it("gives out what was not sent until it was", async () => {
      const { outbox, videoId, message } = await told();
      const [again] = await outbox.takeOfVideo(videoId);
      expect(again).toEqual({ ...message, sending: 2 });
      // The first one was too slow: it is void, and says nothing about the second.
      await outbox.handedOver([message], inSeconds(60));
      expect(await outbox.takeDelivery(message)).toHaveLength(1);
      await outbox.handedOver([{ ...message, sending: 3 }], inSeconds(60));
      expect(await outbox.takeDelivery(message)).toEqual([]);
    });

    it("finds what was forgotten, and what is overdue, oldest first and bounded", async () => {
      // Prepare
      const { outbox, message } = await told();
      const isMine = ({ eventId }: WaitingDelivery) => eventId === message.eventId;

      // Act, assess: not yet; then again and again, until it is said to be sent.
      expect((await outbox.takeOverdue(inSeconds(5), 1_000)).filter(isMine)).toEqual([]);
      expect(await outbox.takeOverdue(inSeconds(120), 0)).toEqual([]);
      const [found] = (await outbox.takeOverdue(inSeconds(120), 1_000)).filter(isMine);
      expect(found).toEqual({ ...message, sending: 2 });
      await outbox.handedOver([{ ...message, sending: 2 }], inSeconds(3_600));
      expect((await outbox.takeOverdue(inSeconds(120), 1_000)).filter(isMine)).toEqual([]);
      expect((await outbox.takeOverdue(inSeconds(3_700), 1_000)).filter(isMine)).toHaveLength(1);
    });

    it("hands one attempt to one worker", async () => {
      // Prepare
      const { deliveries, webhook, message } = await told();
      const now = inSeconds(1);

      // Act
      const claims = await Promise.all(
        [1, 2, 3].map(() => deliveries.begin(message, now, inSeconds(31), 5)),
      );

      // Assess
      expect(claims.filter(({ state }) => state === "claimed")).toHaveLength(1);
      const won = claims.find((each) => each.state === "claimed");
      const attempt = won?.state === "claimed" ? won.attempt : undefined;
      expect(attempt).toMatchObject({
        ...{ url: webhook.url, number: 1, failures: 0, type: "video.ready" },
        secrets: [{ webhookId: webhook.webhookId, keyNumber: 1, version: 1 }],
      });
      const body = webhookPayloadSchema.parse(JSON.parse(attempt?.body ?? ""));
      expect(body).toMatchObject({ type: "video.ready", data: { status: "ready" } });
      expect(await deliveries.begin(message, inSeconds(2), inSeconds(32), 5)).toMatchObject({
        state: "waiting",
      });
    });

    it("lets another worker try when one died", async () => {
      const { deliveries, message } = await told();
      await claim(deliveries, message, inSeconds(1));
      const next = await claim(deliveries, message, inSeconds(32));
      expect(next).toMatchObject({ number: 2, failures: 0 });
    });

    it("keeps success, whatever comes after", async () => {
      // Prepare
      const { store, deliveries, webhook, message } = await told();
      const slow = await claim(deliveries, message, inSeconds(1));
      const quick = await claim(deliveries, message, inSeconds(32));

      // Act
      await deliveries.end(quick, { ...answered, status: 204 }, { state: "succeeded" });
      await deliveries.end(slow, answered, { state: "given-up" });

      // Assess
      expect(await deliveries.begin(message, inSeconds(90), inSeconds(99), 5)).toEqual({
        state: "done",
      });
      const delivery = await shown(store, webhook.webhookId);
      expect(delivery).toMatchObject({
        state: "succeeded",
        attempts: [
          { attempt: 1, status: 500 },
          { attempt: 2, status: 204 },
        ],
      });
      expect(delivery).not.toHaveProperty("nextAttemptAt");
    });

    it("comes again at its time after a failure", async () => {
      // Prepare
      const { store, deliveries, webhook, message } = await told();
      const attempt = await claim(deliveries, message);
      const due = dueAfter(new Date(), 600);

      // Act
      await deliveries.end(
        attempt,
        { ...answered, status: undefined, error: "The connection was refused." },
        { state: "pending", due },
      );

      // Assess
      expect(await deliveries.begin(message, inSeconds(500), inSeconds(530), 5)).toEqual({
        state: "waiting",
        until: due.at,
      });
      expect(await claim(deliveries, message, inSeconds(601))).toMatchObject({
        number: 2,
        failures: 1,
      });
      expect(await shown(store, webhook.webhookId)).toMatchObject({
        ...{ state: "pending", nextAttemptAt: due.at.toISOString() },
        attempts: [{ attempt: 1, durationMs: 12, error: "The connection was refused." }],
      });
    });

    it.each<[string, Verdict, string]>([
      ["given up", { state: "given-up" }, "given-up"],
      ["refused", { state: "failed", disables: false }, "done"],
    ])("remembers what was %s", async (_, verdict, state) => {
      const { store, deliveries, webhook, message } = await told();
      await deliveries.end(await claim(deliveries, message), answered, verdict);
      expect(await deliveries.begin(message, inSeconds(9), inSeconds(39), 5)).toEqual({ state });
      expect(await shown(store, webhook.webhookId)).toMatchObject({ state: "failed" });
      expect((await store.find(webhook.owner, webhook.webhookId))?.disabledAt).toBeUndefined();
    });

    it("sends nothing more to a receiver that is gone", async () => {
      // Prepare
      const { store, outbox, deliveries, owner, webhook, message, addVideo, change } = await told();
      const waiting = await addVideo(owner);
      await change(owner, "video.ready", waiting);
      const [other] = await outbox.takeOfVideo(waiting);
      if (!other) throw new Error("Nothing was recorded.");

      // Act
      const attempt = await claim(deliveries, message);
      await deliveries.end(
        attempt,
        { ...answered, status: 410 },
        { state: "failed", disables: true },
      );

      // Assess
      const found = await store.find(owner, webhook.webhookId);
      expect(found?.disabledAt).toEqual(answered.at);
      expect(await deliveries.begin(other, inSeconds(9), inSeconds(39), 5)).toEqual({
        state: "done",
      });
      const later = await addVideo(owner);
      await change(owner, "video.ready", later);
      expect(await outbox.takeOfVideo(later)).toEqual([]);
      expect(await store.deliveries(webhook.webhookId, 10, 20)).toMatchObject([
        { state: "failed" },
        { state: "failed" },
      ]);
    });

    it("has no more attempts under way to one webhook than may be", async () => {
      // Prepare
      const { outbox, deliveries, owner, addVideo, change, message } = await told();
      const second = await addVideo(owner);
      await change(owner, "upload.completed", second);
      const [other] = await outbox.takeOfVideo(second);
      if (!other) throw new Error("Nothing was recorded.");
      const now = inSeconds(1);

      // Act
      const first = await deliveries.begin(message, now, inSeconds(31), 1);
      const busy = await deliveries.begin(other, now, inSeconds(31), 1);

      // Assess
      expect([first.state, busy.state]).toEqual(["claimed", "busy"]);
      const later = await deliveries.begin(other, inSeconds(32), inSeconds(62), 1);
      expect(later.state).toBe("claimed");
    });

    it("lets only the latest message stand for a delivery", async () => {
      const { outbox, deliveries, message } = await told();
      const [latest] = await outbox.takeDelivery(message);
      if (!latest) throw new Error("It was sent already.");
      expect(await deliveries.begin(message, inSeconds(1), inSeconds(31), 5)).toEqual({
        state: "done",
      });
      expect(await claim(deliveries, latest)).toMatchObject({ number: 1 });
    });

    it("signs with both secrets as long as the one before is good", async () => {
      // Prepare
      const { store, deliveries, owner, webhook, message } = await told();
      const { webhookId } = webhook;
      await store.replaceSecret(owner, webhookId, {
        version: 1,
        newKeyNumber: 7,
        previousValidUntil: inSeconds(20),
      });

      // Act
      const during = await claim(deliveries, message, inSeconds(1));
      const after = await claim(deliveries, message, inSeconds(40));

      // Assess
      const latest = { webhookId, keyNumber: 7, version: 2 };
      expect(during.secrets).toMatchObject([latest, { webhookId, keyNumber: 1, version: 1 }]);
      expect(after.secrets).toMatchObject([latest]);
      expect(after.secrets).toHaveLength(1);
    });

    it("sends an event again that has ended, and leaves one alone that is under way", async () => {
      // Prepare
      const { store, outbox, deliveries, webhook, message } = await told();
      await outbox.handedOver([message], inSeconds(60));
      const attempt = await claim(deliveries, message);

      // Act, assess
      expect(await store.sendAgain(message, dueNow(inSeconds(2)))).toBe(true);
      expect(await outbox.takeDelivery(message)).toEqual([]);
      await deliveries.end(attempt, answered, { state: "given-up" });
      expect(await store.sendAgain(message, dueNow(inSeconds(2)))).toBe(true);
      const [again] = await outbox.takeDelivery(message);
      if (!again) throw new Error("It is not pending.");
      expect(await claim(deliveries, again, inSeconds(3))).toMatchObject({
        number: 2,
        failures: 0,
      });
      const unknown = { webhookId: webhook.webhookId, eventId: randomUUID() };
      expect(await store.sendAgain(unknown, dueNow(new Date()))).toBe(false);
    });

    it("has one test at a time", async () => {
      // Prepare
      const { store, outbox, deliveries, owner, webhook } = await told();
      const { webhookId } = webhook;
      const due = dueNow(new Date());

      // Act
      const ids = await Promise.all(
        [1, 2, 3].map(() => store.addTest(webhookId, testEvent(owner), due)),
      );

      // Assess
      expect(new Set(ids).size).toBe(1);
      const [test] = await outbox.takeDelivery({ webhookId, eventId: ids[0] ?? "" });
      if (!test) throw new Error("There is no test.");
      await deliveries.end(await claim(deliveries, test), answered, {
        state: "failed",
        disables: false,
      });
      expect(ids).not.toContain(await store.addTest(webhookId, testEvent(owner), due));
    });

    it("shows the latest event first, with its latest attempts", async () => {
      const { store, deliveries, owner, webhook, message } = await told();
      for (const after of [1, 40, 80]) await claim(deliveries, message, inSeconds(after));
      for (const number of [1, 2, 3])
        await deliveries.end({ ...attemptOf(message), number }, answered, {
          state: "failed",
          disables: false,
        });
      const event = { ...testEvent(owner), occurredAt: inSeconds(5) };
      await store.addTest(webhook.webhookId, event, dueNow(new Date()));
      const all = await store.deliveries(webhook.webhookId, 10, 2);
      expect(all.map(({ type }) => type)).toEqual(["webhook.test", "video.ready"]);
      expect(all[1]?.attempts.map(({ attempt }) => attempt)).toEqual([2, 3]);
      expect(await store.deliveries(webhook.webhookId, 1, 2)).toHaveLength(1);
    });

    it("forgets what is old, and not what is still to be sent", async () => {
      // Prepare
      const { store, outbox, deliveries, webhook, message } = await told();

      // Act, assess
      await outbox.forget(inSeconds(60), 1_000);
      expect(await store.deliveries(webhook.webhookId, 10, 20)).toHaveLength(1);
      await deliveries.end(await claim(deliveries, message), answered, { state: "succeeded" });
      expect(await outbox.forget(inSeconds(60), 1_000)).toBeGreaterThanOrEqual(1);
      expect(await store.deliveries(webhook.webhookId, 10, 20)).toEqual([]);
    });

    it("records nothing for a webhook that was deleted meanwhile", async () => {
      const { store, deliveries, owner, webhook, message } = await told();
      const attempt = await claim(deliveries, message);
      await store.remove(owner, webhook.webhookId);
      await deliveries.end(attempt, answered, { state: "succeeded" });
      expect(await deliveries.begin(message, inSeconds(90), inSeconds(99), 5)).toEqual({
        state: "done",
      });
    });
  });
};

const attemptOf = ({ webhookId, eventId }: WaitingDelivery): Attempt => ({
  ...{ webhookId, eventId, url: "https://example.com", secrets: [], type: "video.ready" },
  ...{ body: "{}", number: 1, failures: 0 },
});
