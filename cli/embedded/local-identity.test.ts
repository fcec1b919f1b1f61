import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createLocalJWKSet, type JSONWebKeySet, jwtVerify } from "jose";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { LocalIdentity } from "./local-identity.ts";

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "sluice-identity-"));
});
afterEach(() => rm(directory, { recursive: true }));

describe("the local issuer", () => {
  test("its tokens verify by its published keys, also after a restart", async () => {
    const file = join(directory, "identity.json");
    const first = await LocalIdentity.open(file);
    const token = await first.token("http://127.0.0.1:1", 60);

    const again = await LocalIdentity.open(file);
    const keys = createLocalJWKSet(
      again.documents("http://127.0.0.1:1")[".well-known/jwks.json"] as JSONWebKeySet,
    );
    const { payload } = await jwtVerify(token, keys, { audience: LocalIdentity.audience });

    expect(payload.sub).toBe(LocalIdentity.user);
  });

  test("the private half is published nowhere and readable by its owner only", async () => {
    const file = join(directory, "identity.json");
    const identity = await LocalIdentity.open(file);

    expect(JSON.stringify(identity.documents("http://127.0.0.1:1"))).not.toContain('"d"');
    expect((await stat(file)).mode & 0o777).toBe(0o600);
  });
});
