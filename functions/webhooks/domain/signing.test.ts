import { createHmac } from "node:crypto";
import fc from "fast-check";
import { Webhook } from "standardwebhooks";
import { describe, expect, it } from "vitest";
import { signedHeaders, signingSecret, type WebhookKeys } from "./signing.ts";

const keys: WebhookKeys = new Map([
  [1, new Uint8Array(32).fill(1)],
  [2, new Uint8Array(32).fill(2)],
]);
const name = { webhookId: "0b0a7b0e-2f4c-4c3c-9a3b-0d9a3ff0a001", keyNumber: 1, version: 1 };
const event = { eventId: "event-1", body: '{"type":"video.ready"}', now: new Date() };

describe("a signing secret", () => {
  it("is 32 bytes as Standard Webhooks writes them, the same every time", () => {
    const secret = signingSecret(keys, name);
    expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
    expect(signingSecret(keys, name)).toBe(secret);
  });

  it("differs by webhook, by version and by master key", () => {
    const secrets = [
      name,
      { ...name, webhookId: "0b0a7b0e-2f4c-4c3c-9a3b-0d9a3ff0a002" },
      { ...name, version: 2 },
      { ...name, keyNumber: 2 },
    ].map((each) => signingSecret(keys, each));
    expect(new Set(secrets).size).toBe(4);
  });

  it("cannot be had once its master key is gone", () => {
    expect(() => signingSecret(keys, { ...name, keyNumber: 3 })).toThrow("no webhook key 3");
  });
});

describe("the signature", () => {
  it("is HMAC-SHA256 of id, time and body", () => {
    // Prepare
    const secret = signingSecret(keys, name);
    const seconds = Math.floor(event.now.getTime() / 1000);

    // Act
    const headers = signedHeaders([secret], event);

    // Assess
    const expected = createHmac("sha256", Buffer.from(secret.slice("whsec_".length), "base64"))
      .update(`event-1.${seconds}.${event.body}`)
      .digest("base64");
    expect(headers).toEqual({
      "webhook-id": "event-1",
      "webhook-timestamp": String(seconds),
      "webhook-signature": `v1,${expected}`,
    });
  });

  it("is good by either secret while one replaces the other, for that body alone", () => {
    fc.assert(
      fc.property(fc.json(), fc.string({ minLength: 1 }), (body, addition) => {
        const secrets = [1, 2].map((version) => signingSecret(keys, { ...name, version }));
        const headers = signedHeaders(secrets, { ...event, body });
        for (const secret of secrets) {
          const webhook = new Webhook(secret);
          expect(webhook.verify(body, headers)).toEqual(JSON.parse(body));
          expect(() => webhook.verify(`${body}${addition}`, headers)).toThrow("No matching");
        }
        expect(() =>
          new Webhook(signingSecret(keys, { ...name, version: 3 })).verify(body, headers),
        ).toThrow("No matching");
      }),
    );
  });
});
