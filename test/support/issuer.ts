import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { exportJWK, generateKeyPair, SignJWT } from "jose";

export interface Issuer extends AsyncDisposable {
  readonly url: string;
  readonly jwksUrl: string;
  readonly audience: string;
  token(subject: string, claims?: Readonly<Record<string, unknown>>): Promise<string>;
}

/** An issuer of tokens with one key, published on a free port. */
export const startIssuer = async (): Promise<Issuer> => {
  const audience = "sluice";
  const { publicKey, privateKey } = await generateKeyPair("ES256");
  const jwks = { keys: [{ ...(await exportJWK(publicKey)), kid: "key-1", alg: "ES256" }] };
  const server = createServer((_, response) => {
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(jwks));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;
  return {
    url,
    jwksUrl: `${url}/.well-known/jwks.json`,
    audience,
    token: (subject, claims = {}) =>
      new SignJWT({ iss: url, aud: audience, sub: subject, exp: 4_000_000_000, ...claims })
        .setProtectedHeader({ alg: "ES256", kid: "key-1" })
        .sign(privateKey),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};
