import { createVerify, generateKeyPairSync } from "node:crypto";
import { describe, expect, it } from "vitest";
import { cachedSecret } from "./cached-secret.ts";
import { playbackSigner } from "./playback-signer.ts";

const { publicKey, privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
const pem = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
const expiresAt = new Date("2026-01-01T12:00:00.500Z");
const signer = playbackSigner("K1", async () => pem);

/** CloudFront's base64, in which `+`, `=` and `/` are `-`, `_` and `~`. */
const decoded = (text: string) =>
  Buffer.from(
    text.replace(/[-_~]/g, (c) => ({ "-": "+", _: "=", "~": "/" })[c] ?? c),
    "base64",
  );
const verifies = (policy: string, signature: string) =>
  createVerify("RSA-SHA1").update(decoded(policy)).verify(publicKey, decoded(signature));

describe("playbackSigner", () => {
  it("grants a path on any host until a moment, with a signature that verifies", async () => {
    // Act
    const granted = await signer.grant("/videos/v1/*", expiresAt);

    // Assess
    expect(JSON.parse(decoded(granted["CloudFront-Policy"]).toString())).toEqual({
      Statement: [
        {
          Resource: "http*://*/videos/v1/*",
          Condition: { DateLessThan: { "AWS:EpochTime": 1_767_268_800 } },
        },
      ],
    });
    expect(granted["CloudFront-Key-Pair-Id"]).toBe("K1");
    expect(verifies(granted["CloudFront-Policy"], granted["CloudFront-Signature"])).toBe(true);
  });

  it("signs a path for itself alone, the same way each time, so that caches can keep it", async () => {
    // Act
    const signed = await signer.signedPath("/videos/v1/h/poster.jpg", expiresAt);

    // Assess
    const url = new URL(signed, "https://edge.example");
    const policy = url.searchParams.get("Policy") ?? "";
    expect(url.pathname).toBe("/videos/v1/h/poster.jpg");
    expect(decoded(policy).toString()).toContain('"http*://*/videos/v1/h/poster.jpg"');
    expect(verifies(policy, url.searchParams.get("Signature") ?? "")).toBe(true);
    expect(await signer.signedPath("/videos/v1/h/poster.jpg", expiresAt)).toBe(signed);
  });
});

describe("cachedSecret", () => {
  const source = () => {
    const state = { value: "a", reads: 0, down: false, now: 0 };
    const client = {
      async send() {
        state.reads += 1;
        if (state.down) throw new Error("unreachable");
        return { SecretString: state.value };
      },
    };
    return { state, read: cachedSecret(client, "arn", () => state.now) };
  };

  it("reads once for many callers and again after five minutes", async () => {
    // Prepare
    const { state, read } = source();

    // Act, assess
    expect(await Promise.all([read(), read(), read()])).toEqual(["a", "a", "a"]);
    state.value = "b";
    state.now = 299_999;
    expect(await read()).toBe("a");
    expect(state.reads).toBe(1);
    state.now = 300_000;
    expect(await read()).toBe("b");
  });

  it("serves the last value while the secret cannot be read", async () => {
    const { state, read } = source();
    await read();
    state.now = 1e9;
    state.down = true;
    expect(await read()).toBe("a");
  });

  it("fails when there has never been a value, and recovers", async () => {
    const { state, read } = source();
    state.down = true;
    await expect(read()).rejects.toThrow("unreachable");
    state.down = false;
    expect(await read()).toBe("a");
  });
});
