import { createHmac } from "node:crypto";
import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { cachedSecret } from "./cached-secret.ts";

/** What a playback link says; the edge checks it (infra/viewer-functions/path-token-links.js). */
export interface LinkClaims {
  readonly videoId: string;
  readonly linkId: string;
  /** Counted in whole seconds. */
  readonly expiresAt: Date;
}

export interface LinkSigner {
  /** The folder on the edge that a link opens: `/play/{token}/` stands for `/videos/{videoId}/`. */
  folder(claims: LinkClaims): Promise<string>;
}

/** Signs by HMAC-SHA256 (RFC 2104) over the text that the token shows. */
export const linkSigner = (readKey: () => Promise<string>): LinkSigner => ({
  async folder({ videoId, linkId, expiresAt }) {
    const text = `${videoId}.${linkId}.${Math.floor(expiresAt.getTime() / 1000)}`;
    const signature = createHmac("sha256", await readKey())
      .update(text)
      .digest("base64url");
    return `/play/${text}.${signature}/`;
  },
});

export const linkSignerOf = (keySecretArn: string): LinkSigner =>
  linkSigner(cachedSecret(new SecretsManagerClient(), keySecretArn));
