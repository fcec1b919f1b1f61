import { randomUUID } from "node:crypto";
import { type CreateWebhookRequest, maxWebhooksPerOwner } from "@sluice/contracts";
import { describe, expect, it } from "vitest";
import { memoryWebhooks } from "../testing/memory-webhooks.ts";
import { createWebhook, deleteWebhook, listWebhooks, replaceSecret } from "./manage-webhooks.ts";
import type { WebhookKeys } from "./signing.ts";

const owner = "owner-1";
const request: CreateWebhookRequest = { url: "https://example.com", events: ["video.ready"] };

const open = () => {
  let keys: WebhookKeys = new Map([[1, new Uint8Array(32).fill(1)]]);
  const { store } = memoryWebhooks();
  const ports = { store, keyring: { read: async () => keys } };
  return {
    ports,
    setKeys: (next: WebhookKeys) => {
      keys = next;
    },
    create: (changes: Partial<CreateWebhookRequest> = {}, idempotencyKey: string = randomUUID()) =>
      createWebhook(ports, {
        ...{ owner, idempotencyKey, policy: "public", newId: randomUUID },
        request: { ...request, ...changes },
      }),
  };
};

describe("creating a webhook", () => {
  it("shows the secret, which no list does", async () => {
    const { ports, create } = open();
    const { webhook, created } = await create({ description: "Mine" });
    expect(created).toBe(true);
    expect(webhook).toMatchObject({ url: "https://example.com/", description: "Mine" });
    const { secret, ...shown } = webhook;
    expect(secret).toMatch(/^whsec_/);
    expect(await listWebhooks(ports, owner)).toEqual([shown]);
  });

  it("answers a repeat with the same, and refuses another request by the same key", async () => {
    const { create } = open();
    const { webhook } = await create({}, "key-1");
    expect(await create({}, "key-1")).toEqual({ webhook, created: false });
    await expect(create({ events: ["video.failed"] }, "key-1")).rejects.toMatchObject({
      code: "idempotency-key-reused",
    });
  });

  it("ends at the number that an owner may have", async () => {
    const { ports, create } = open();
    for (let count = 0; count < maxWebhooksPerOwner; count += 1) await create();
    await expect(create()).rejects.toMatchObject({ code: "too-many-webhooks" });
    const [first] = await listWebhooks(ports, owner);
    await deleteWebhook(ports, { owner, webhookId: first?.webhookId ?? "" });
    expect((await create()).created).toBe(true);
  });

  it("keeps nothing of an address that may not be reached", async () => {
    const { ports, create } = open();
    await expect(create({ url: "https://10.0.0.1/" })).rejects.toMatchObject({
      code: "invalid-request",
    });
    expect(await listWebhooks(ports, owner)).toEqual([]);
  });
});

describe("the master key", () => {
  it("is replaced webhook by webhook: each goes on with its own until its secret is replaced", async () => {
    // Prepare
    const { ports, create, setKeys } = open();
    const { webhook: before } = await create({}, "key-1");
    const first = new Uint8Array(32).fill(1);
    setKeys(new Map([...[[1, first] as const], [2, new Uint8Array(32).fill(2)]]));

    // Act
    const { webhook: same } = await create({}, "key-1");
    const command = { owner, webhookId: before.webhookId, replaces: 1, now: new Date() };
    const replaced = await replaceSecret(ports, command);

    // Assess: the new secret needs the new key alone.
    expect(same.secret).toBe(before.secret);
    expect(replaced.secret).not.toBe(before.secret);
    setKeys(new Map([[2, new Uint8Array(32).fill(2)]]));
    expect((await create({}, "key-1")).webhook.secret).toBe(replaced.secret);
  });
});

it.each([
  [
    "deleting",
    (ports: ReturnType<typeof open>["ports"], webhookId: string) =>
      deleteWebhook(ports, { owner: "somebody", webhookId }),
  ],
  [
    "replacing the secret of",
    (ports: ReturnType<typeof open>["ports"], webhookId: string) =>
      replaceSecret(ports, { owner: "somebody", webhookId, replaces: 1, now: new Date() }),
  ],
])("%s another owner's webhook finds none", async (_, act) => {
  const { ports, create } = open();
  const { webhook } = await create();
  await expect(act(ports, webhook.webhookId)).rejects.toMatchObject({ code: "not-found" });
  expect(await listWebhooks(ports, owner)).toMatchObject([{ secretVersion: 1 }]);
});
