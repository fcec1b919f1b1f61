import { generateKeyPairSync } from "node:crypto";
import { getSignedCookies, getSignedUrl } from "@aws-sdk/cloudfront-signer";
import { beforeAll, describe, expect, test } from "vitest";
import { SignedAccess, type SignedClaim } from "./signed-access.ts";

const url = "http://127.0.0.1:8080/videos/1/master.m3u8";
const nowMs = Date.UTC(2026, 0, 1);
const later = new Date(nowMs + 60_000).toISOString();
const rsa = generateKeyPairSync("rsa", {
  modulusLength: 2048,
  privateKeyEncoding: { type: "pkcs8", format: "pem" },
  publicKeyEncoding: { type: "spki", format: "pem" },
});
const access = new SignedAccess();
const trusted = new Set(["K1"]);

beforeAll(() => access.addKey("K1", rsa.publicKey));

const none: SignedClaim = {
  policy: undefined,
  expires: undefined,
  signature: undefined,
  keyPairId: undefined,
  hashAlgorithm: undefined,
};

function claimOfUrl(signed: string): SignedClaim {
  const query = new URL(signed).searchParams;
  return {
    policy: query.get("Policy") ?? undefined,
    expires: query.get("Expires") ?? undefined,
    signature: query.get("Signature") ?? undefined,
    keyPairId: query.get("Key-Pair-Id") ?? undefined,
    hashAlgorithm: undefined,
  };
}

function claimOfCookies(resource: string): SignedClaim {
  const cookies = getSignedCookies({
    keyPairId: "K1",
    privateKey: rsa.privateKey,
    policy: JSON.stringify({
      Statement: [
        {
          Resource: resource,
          Condition: { DateLessThan: { "AWS:EpochTime": nowMs / 1000 + 60 } },
        },
      ],
    }),
  });
  return {
    ...none,
    policy: cookies["CloudFront-Policy"],
    signature: cookies["CloudFront-Signature"],
    keyPairId: cookies["CloudFront-Key-Pair-Id"],
  };
}

const check = (claim: SignedClaim, overrides: { url?: string; nowMs?: number } = {}) =>
  access.check(claim, { url, sourceIp: "127.0.0.1", nowMs, ...overrides }, trusted);

describe("signed access", () => {
  test("a canned policy opens its address until it expires", () => {
    const claim = claimOfUrl(
      getSignedUrl({ url, keyPairId: "K1", privateKey: rsa.privateKey, dateLessThan: later }),
    );

    expect(() => check(claim)).not.toThrow();
    expect(() => check(claim, { nowMs: nowMs + 60_000 })).toThrow("Access denied");
    expect(() => check(claim, { url: `${url}x` })).toThrow("Access denied");
  });

  test("cookies with wildcards open what they cover, on any host, and nothing else", () => {
    const claim = claimOfCookies("http*://*/videos/1/*");

    expect(() => check(claim)).not.toThrow();
    expect(() => check(claim, { url: "https://d1.cloudfront.net/videos/1/a.m4s" })).not.toThrow();
    expect(() => check(claim, { url: "http://127.0.0.1:8080/videos/2/a.m4s" })).toThrow(
      "Access denied",
    );
  });

  test("a verdict remembered is still bound to its time", () => {
    const claim = claimOfCookies("*");
    check(claim);

    expect(() => check(claim, { nowMs: nowMs + 61_000 })).toThrow("Access denied");
  });

  test.each([
    ["no signature", none, "MissingKey"],
    ["a key nobody trusts", { ...claimOfCookies("*"), keyPairId: "K2" }, "InvalidKey"],
    ["a changed policy", { ...claimOfCookies("*"), policy: "e30_" }, "AccessDenied"],
    ["neither policy nor expiry", { ...claimOfCookies("*"), policy: undefined }, "MalformedPolicy"],
  ])("%s is refused", (_name, claim, code) => {
    expect(() => check(claim)).toThrowError(expect.objectContaining({ code }));
  });
});
