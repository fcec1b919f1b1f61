import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { getSignedCookies } from "@aws-sdk/cloudfront-signer";
import { z } from "zod";
import { cachedSecret } from "./cached-secret.ts";

/** The variables that the architecture calls `KEY`. */
export const playbackKeyEnvironment = {
  PLAYBACK_KEY_PAIR_ID: z.string().min(1),
  PLAYBACK_PRIVATE_KEY_SECRET_ARN: z.string().min(1),
};

/** What CloudFront asks of a viewer, as names and values of cookies. */
export interface PlaybackGrant {
  readonly "CloudFront-Policy": string;
  readonly "CloudFront-Signature": string;
  readonly "CloudFront-Key-Pair-Id": string;
}

/** Signs for the edge which paths a viewer may read, and until when. */
export interface PlaybackSigner {
  /** @param path from the root of the edge; `*` stands for any characters */
  grant(path: string, expiresAt: Date): Promise<PlaybackGrant>;
  /** The path with a grant for exactly itself in its query. */
  signedPath(path: string, expiresAt: Date): Promise<string>;
}

export const playbackSigner = (
  keyPairId: string,
  readPrivateKey: () => Promise<string>,
): PlaybackSigner => {
  const grant = async (path: string, expiresAt: Date): Promise<PlaybackGrant> => {
    const { "CloudFront-Policy": policy, ...rest } = getSignedCookies({
      keyPairId,
      privateKey: await readPrivateKey(),
      policy: customPolicy(path, expiresAt),
    });
    if (policy === undefined) throw new Error("The signer made no custom policy.");
    return { ...rest, "CloudFront-Policy": policy };
  };
  return {
    grant,
    async signedPath(path, expiresAt) {
      const granted = await grant(path, expiresAt);
      const query = new URLSearchParams({
        Policy: granted["CloudFront-Policy"],
        Signature: granted["CloudFront-Signature"],
        "Key-Pair-Id": granted["CloudFront-Key-Pair-Id"],
      });
      return `${path}?${query}`;
    },
  };
};

/**
 * A function does not know under which host viewers reach the edge, so the policy leaves it open
 * (AWS, CloudFront: "Values that you specify in the policy statement … for a signed URL that uses
 * a custom policy"; a canned policy would need the host).
 */
const customPolicy = (path: string, expiresAt: Date) =>
  JSON.stringify({
    Statement: [
      {
        Resource: `http*://*${path}`,
        Condition: {
          DateLessThan: { "AWS:EpochTime": Math.floor(expiresAt.getTime() / 1000) },
        },
      },
    ],
  });

export const playbackSignerOf = (environment: {
  readonly PLAYBACK_KEY_PAIR_ID: string;
  readonly PLAYBACK_PRIVATE_KEY_SECRET_ARN: string;
}): PlaybackSigner =>
  playbackSigner(
    environment.PLAYBACK_KEY_PAIR_ID,
    cachedSecret(new SecretsManagerClient(), environment.PLAYBACK_PRIVATE_KEY_SECRET_ARN),
  );
