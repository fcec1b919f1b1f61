import {
  type CloudFrontKeyValueStoreClient,
  ConflictException,
  DeleteKeyCommand,
  DescribeKeyValueStoreCommand,
  ResourceNotFoundException,
  UpdateKeysCommand,
} from "@aws-sdk/client-cloudfront-keyvaluestore";
import pRetry from "p-retry";
import type { RevocationList } from "../ports.ts";

/**
 * Revocations as entries of the key value store that the edge's function asks:
 * `revoked.{linkId}`, with the second at which the entry may go.
 */
export const keyValueRevocationList = (
  client: CloudFrontKeyValueStoreClient,
  KvsARN: string,
): RevocationList => {
  const keyOf = (linkId: string) => `revoked.${linkId}`;

  /** Every write names the version it saw; whoever comes second looks again. */
  const withVersion = (write: (IfMatch: string | undefined) => Promise<unknown>) =>
    pRetry(
      async () => {
        const { ETag } = await client.send(new DescribeKeyValueStoreCommand({ KvsARN }));
        await write(ETag);
      },
      {
        retries: 8,
        minTimeout: 20,
        maxTimeout: 1_000,
        randomize: true,
        shouldRetry: ({ error }) => error instanceof ConflictException,
      },
    );

  return {
    async add(revocations) {
      const Puts = revocations.map(({ linkId, expiresAt }) => ({
        Key: keyOf(linkId),
        Value: String(Math.ceil(expiresAt.getTime() / 1000)),
      }));
      await withVersion((IfMatch) => client.send(new UpdateKeysCommand({ KvsARN, IfMatch, Puts })));
    },

    async remove(linkIds) {
      // One by one: an entry that is gone already must not keep the others.
      for (const Key of linkIds.map(keyOf)) {
        try {
          await withVersion((IfMatch) =>
            client.send(new DeleteKeyCommand({ KvsARN, IfMatch, Key })),
          );
        } catch (error) {
          if (!(error instanceof ResourceNotFoundException)) throw error;
        }
      }
    },
  };
};
