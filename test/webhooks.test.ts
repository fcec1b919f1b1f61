import { randomUUID } from "node:crypto";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type CreateWebhookResponse,
  type ListDeliveriesResponse,
  type ReplaceSecretResponse,
  type SendEventResponse,
  type WebhookPayload,
  type Webhook as WebhookView,
  webhookPayloadSchema,
} from "@sluice/contracts";
import { TestReceiver } from "@sluice/functions/webhooks/testing/receiver.ts";
import { Webhook } from "standardwebhooks";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { RawApi, tokenFor } from "./support/api.ts";
import { makeClip } from "./support/media.ts";
import { type ReadyEvent, SluiceProcess } from "./support/sluice-process.ts";

/** The command, its API, the queue, the function and a receiver that knows nothing of us but a secret. */
let directory: string;
let dataDir: string;
let sluice: SluiceProcess;
let ready: ReadyEvent;
let api: RawApi;
let clip: Buffer;
let receiver: TestReceiver;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "sluice-webhooks-"));
  dataDir = join(directory, "data");
  const file = await makeClip(directory, "clip.mp4", { seconds: 2 });
  clip = await readFile(file);
  receiver = await TestReceiver.listening();
  // A file makes the start skip its sample clip.
  sluice = new SluiceProcess(["--port", "0", "--data-dir", dataDir, file]);
  ready = await sluice.ready();
  api = new RawApi(ready);
  await sluice.waitFor(({ event }) => event === "done");
});
afterAll(async () => {
  await sluice?.stop("SIGKILL");
  await receiver?.[Symbol.asyncDispose]();
  await rm(directory, { recursive: true, force: true });
});

const everything = ["upload.completed", "video.ready", "video.failed"];
const subscribe = async (path: string, events = everything, key: string = randomUUID()) =>
  api.call<CreateWebhookResponse>(
    "POST",
    "/webhooks",
    { url: `${receiver.url}${path}`, events },
    { "idempotency-key": key },
  );
const unsubscribe = (webhookId: string) => api.call("DELETE", `/webhooks/${webhookId}`);
const deliveriesOf = async (webhookId: string) => {
  const path = `/webhooks/${webhookId}/deliveries`;
  return (await api.call<ListDeliveriesResponse>("GET", path)).body.deliveries;
};
/** What came to a path, each verified by the library. */
const verified = (path: string, secret: string): WebhookPayload[] =>
  receiver
    .at(path)
    .map(({ headers, body }) =>
      webhookPayloadSchema.parse(
        new Webhook(secret).verify(body, headers as Record<string, string>),
      ),
    );
/** Asks until all deliveries of a webhook have ended. */
const ended = async (webhookId: string) => {
  for (;;) {
    const all = await deliveriesOf(webhookId);
    if (all.length > 0 && all.every(({ state }) => state !== "pending")) return all;
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
};
const notAVideo = Buffer.from("Dear diary, today I pretended to be a film.\n".repeat(50));

describe("a receiver", () => {
  test("hears of an upload, of the video it became, and of one that failed", async () => {
    const { body: webhook, status } = await subscribe("/all");

    const videoId = await api.upload("film.mp4", clip);
    const refusedId = await api.upload("notes.mp4", notAVideo);
    await receiver.heard("/all", 4);

    expect(status).toBe(201);
    const heard = verified("/all", webhook.secret);
    const about = (id: string) =>
      heard
        .filter(({ data }) => "videoId" in data && data.videoId === id)
        .map(({ type }) => type)
        .sort();
    expect(about(videoId)).toEqual(["upload.completed", "video.ready"]);
    expect(about(refusedId)).toEqual(["upload.completed", "video.failed"]);
    const failed = heard.find(({ type }) => type === "video.failed");
    expect(failed).toMatchObject({
      data: { title: "notes", failure: { message: expect.stringMatching(/^notes\.mp4 .+\.$/) } },
    });
    expect(JSON.stringify(heard)).not.toMatch(/https?:|Signature|whsec/);
    await unsubscribe(webhook.webhookId);
  });

  test("gets it again until it takes it: after two errors, a hang, and an absence", async () => {
    // Prepare: three receivers of one event, each in trouble of its own.
    receiver.behaviour = (response, { path }, nth) => {
      if (path === "/hangs" && nth === 1) return;
      response.writeHead(path === "/errs" && nth <= 2 ? 500 : 204).end();
    };
    const away = await TestReceiver.listening();
    const awayUrl = `${away.url}/away`;
    await away.goAway();
    onTestFinished(() => away[Symbol.asyncDispose]());
    const errs = (await subscribe("/errs", ["video.failed"])).body;
    const hangs = (await subscribe("/hangs", ["video.failed"])).body;
    const { body: gone } = await api.call<CreateWebhookResponse>(
      "POST",
      "/webhooks",
      { url: awayUrl, events: ["video.failed"] },
      { "idempotency-key": randomUUID() },
    );

    // Act
    await api.upload("notes.mp4", notAVideo);
    await receiver.heard("/errs", 3);
    await away.listen();
    await away.heard("/away", 1);
    await receiver.heard("/hangs", 2);

    // Assess
    const statuses = async ({ webhookId }: CreateWebhookResponse) => {
      const [delivery] = await ended(webhookId);
      return delivery?.attempts.map(({ status, error }) => status ?? error);
    };
    expect(await statuses(errs)).toEqual([500, 500, 204]);
    expect(await statuses(hangs)).toEqual(["No answer came in time.", 204]);
    const attempts = await statuses(gone);
    expect(attempts?.at(0)).toBe("The connection was refused.");
    expect(attempts?.at(-1)).toBe(204);
    expect(verified("/errs", errs.secret)).toHaveLength(3);
    const ids = receiver.at("/errs").map(({ headers }) => headers["webhook-id"]);
    expect(new Set(ids).size).toBe(1);
    for (const { webhookId } of [errs, hangs, gone]) await unsubscribe(webhookId);
  });

  test("is tested, sent an event again, and verified by either secret meanwhile", async () => {
    receiver.behaviour = (response) => response.writeHead(204).end();
    const { body: webhook } = await subscribe("/tested");
    const path = `/webhooks/${webhook.webhookId}`;

    const tested = await api.call<SendEventResponse>("POST", `${path}/test`);
    await ended(webhook.webhookId);
    const replaced = await api.call<ReplaceSecretResponse>("POST", `${path}/secret`, {
      replaces: 1,
    });
    const again = await api.call<ReplaceSecretResponse>("POST", `${path}/secret`, { replaces: 1 });
    const sent = await api.call("POST", `${path}/deliveries/${tested.body.eventId}`);
    await receiver.heard("/tested", 2);

    expect([tested.status, sent.status]).toEqual([202, 202]);
    expect(again.body).toEqual(replaced.body);
    const [first, second] = receiver.at("/tested");
    expect(second?.headers["webhook-id"]).toBe(first?.headers["webhook-id"]);
    for (const secret of [webhook.secret, replaced.body.secret])
      expect(new Webhook(secret).verify(second?.body ?? "", second?.headers as never)).toEqual({
        ...{ type: "webhook.test", version: 1, timestamp: expect.any(String) },
        data: { webhookId: webhook.webhookId },
      });
    expect(() =>
      new Webhook(replaced.body.secret).verify(first?.body ?? "", first?.headers as never),
    ).toThrow();
    await unsubscribe(webhook.webhookId);
  });

  test("is left alone once it answers 410", async () => {
    receiver.behaviour = (response) => response.writeHead(410).end();
    const { body: webhook } = await subscribe("/gone", ["video.failed"]);

    await api.upload("notes.mp4", notAVideo);
    const [delivery] = await ended(webhook.webhookId);
    const tested = await api.call("POST", `/webhooks/${webhook.webhookId}/test`);

    expect(delivery).toMatchObject({ state: "failed", attempts: [{ status: 410 }] });
    expect([tested.status, tested.body.code]).toEqual([409, "webhook-disabled"]);
    const { body } = await api.call<{ webhooks: WebhookView[] }>("GET", "/webhooks");
    expect(body.webhooks).toMatchObject([{ disabledAt: expect.any(String) }]);
    await unsubscribe(webhook.webhookId);
  });
});

describe("who asks", () => {
  test("is told what is wrong with an address", async () => {
    const ask = (url: string) =>
      api.call(
        "POST",
        "/webhooks",
        { url, events: ["video.ready"] },
        { "idempotency-key": randomUUID() },
      );
    for (const url of [
      "ftp://example.com/",
      "nonsense",
      "http://10.0.0.1/",
      "http://169.254.169.254/latest/meta-data/",
      "https://user:secret@example.com/",
    ]) {
      const { status, body } = await ask(url);
      expect([status, body.code, body.errors?.[0]?.path], url).toEqual([
        ...[400, "invalid-request", "url"],
      ]);
      expect(JSON.stringify(body)).not.toContain("secret@");
    }
  });

  test("gets one webhook from a repeated request, and ten in all", async () => {
    const key = randomUUID();
    const first = await subscribe("/many", everything, key);
    const again = await subscribe("/many", everything, key);
    const other = await subscribe("/other", everything, key);
    const rest = await Promise.all(Array.from({ length: 10 }, () => subscribe("/many")));

    expect([first.status, again.status]).toEqual([201, 200]);
    expect(again.body).toEqual(first.body);
    expect(other.status).toBe(422);
    const refused = rest.filter(({ status }) => status === 409);
    expect(refused.map(({ body }) => "code" in body && body.code)).toEqual(["too-many-webhooks"]);
    const listed = await api.call<{ webhooks: WebhookView[] }>("GET", "/webhooks");
    expect(listed.body.webhooks).toHaveLength(10);
    expect(JSON.stringify(listed.body)).not.toContain("whsec_");
    for (const { webhookId } of listed.body.webhooks) await unsubscribe(webhookId);
  });

  test("sees nothing of another owner's", async () => {
    const { body: webhook } = await subscribe("/mine");
    const path = `/webhooks/${webhook.webhookId}`;
    const other = new RawApi(ready, await tokenFor("somebody", dataDir, ready.web));

    const answers = await Promise.all([
      other.call("DELETE", path),
      other.call("GET", `${path}/deliveries`),
      other.call("POST", `${path}/test`),
      other.call("POST", `${path}/secret`, { replaces: 1 }),
      other.call("POST", `${path}/deliveries/${randomUUID()}`),
    ]);

    expect(answers.map(({ status }) => status)).toEqual(Array(5).fill(404));
    expect((await other.call("GET", "/webhooks")).body).toEqual({ webhooks: [] });
    await unsubscribe(webhook.webhookId);
  });
});

test("what waits for a receiver outlives a kill of everything", async () => {
  // Prepare
  await receiver.goAway();
  const { body: webhook } = await subscribe("/later", ["video.failed"]);
  await api.upload("notes.mp4", notAVideo);
  while ((await deliveriesOf(webhook.webhookId))[0]?.attempts.length !== 2) {
    await new Promise((resolve) => setTimeout(resolve, 250));
  }

  // Act
  await sluice.stop("SIGKILL");
  sluice = new SluiceProcess(["--port", "0", "--data-dir", dataDir]);
  ready = await sluice.ready();
  api = new RawApi(ready);
  receiver.behaviour = (response) => response.writeHead(204).end();
  await receiver.listen();
  await receiver.heard("/later", 1);

  // Assess
  expect(verified("/later", webhook.secret)).toMatchObject([{ type: "video.failed" }]);
  const [delivery] = await ended(webhook.webhookId);
  expect(delivery?.attempts.at(-1)?.status).toBe(204);
});
