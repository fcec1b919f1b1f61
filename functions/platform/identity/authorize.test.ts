import { createServer } from "node:http";
import { type CryptoKey, exportJWK, generateKeyPair, SignJWT } from "jose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { authorize } from "./authorize.ts";
import { createTokenVerifier } from "./token-verifier.ts";

const issuer = "https://issuer.example";
const audience = "sluice";
const methodArn = "arn:aws:execute-api:us-east-1:000000000000:abc/api/GET/videos/1";

describe("authorize", () => {
  let privateKey: CryptoKey;
  let jwks = { keys: [{}] };
  let jwksStatus = 200;
  const server = createServer((_, response) => {
    response.writeHead(jwksStatus, { "content-type": "application/json" });
    response.end(JSON.stringify(jwks));
  });
  let jwksUrl = "";

  beforeAll(async () => {
    const pair = await generateKeyPair("ES256");
    privateKey = pair.privateKey;
    jwks = { keys: [{ ...(await exportJWK(pair.publicKey)), kid: "k1", alg: "ES256" }] };
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    jwksUrl = `http://127.0.0.1:${typeof address === "object" && address ? address.port : 0}/`;
  });
  afterAll(() => new Promise((resolve) => server.close(resolve)));

  const token = (claims: Record<string, unknown> = {}, key = privateKey, kid = "k1") =>
    new SignJWT({ iss: issuer, aud: audience, sub: "user-1", exp: 4_000_000_000, ...claims })
      .setProtectedHeader({ alg: "ES256", kid })
      .sign(key);
  const authorizeToken = (authorizationToken: string) =>
    authorize(
      { authorizationToken, methodArn },
      createTokenVerifier({ issuer, audience, jwksUrl }),
    );

  it("lets a valid token use every method of the stage, as its subject", async () => {
    expect(await authorizeToken(`Bearer ${await token()}`)).toEqual({
      principalId: "user-1",
      policyDocument: {
        Version: "2012-10-17",
        Statement: [
          {
            Action: "execute-api:Invoke",
            Effect: "Allow",
            Resource: "arn:aws:execute-api:us-east-1:000000000000:abc/api/*",
          },
        ],
      },
    });
  });

  it.each([
    ["an expired token", { exp: 1 }],
    ["a token that never expires", { exp: undefined }],
    ["another issuer's token", { iss: "https://other.example" }],
    ["a token for somebody else", { aud: "other" }],
    ["a token without a subject", { sub: undefined }],
    ["an empty subject", { sub: "" }],
  ])("answers Unauthorized to %s", async (_, claims) => {
    await expect(authorizeToken(`Bearer ${await token(claims)}`)).rejects.toThrow(/^Unauthorized$/);
  });

  it("answers Unauthorized to a forged signature and to an unknown key", async () => {
    const forger = await generateKeyPair("ES256");
    for (const kid of ["k1", "k2"]) {
      const forged = await token({}, forger.privateKey, kid);
      await expect(authorizeToken(`Bearer ${forged}`)).rejects.toThrow(/^Unauthorized$/);
    }
  });

  it("answers Unauthorized to a token signed with the public key as a shared secret", async () => {
    const secret = new TextEncoder().encode(JSON.stringify(jwks.keys[0]));
    const confused = await new SignJWT({ iss: issuer, aud: audience, sub: "user-1", exp: 4e9 })
      .setProtectedHeader({ alg: "HS256", kid: "k1" })
      .sign(secret);
    await expect(authorizeToken(`Bearer ${confused}`)).rejects.toThrow(/^Unauthorized$/);
  });

  it.each(["", "Bearer", "Basic YTpi", "Bearer a b", "Bearer e30.e30.", "Bearer nonsense"])(
    "answers Unauthorized to the header %j",
    async (header) => {
      await expect(authorizeToken(header)).rejects.toThrow(/^Unauthorized$/);
    },
  );

  it("does not blame the token when the issuer's keys cannot be had", async () => {
    // Prepare
    jwksStatus = 503;

    // Act, assess
    await expect(authorizeToken(`Bearer ${await token()}`)).rejects.not.toThrow(/Unauthorized/);
    jwksStatus = 200;
  });
});
