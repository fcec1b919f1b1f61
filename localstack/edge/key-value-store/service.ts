import type { AwsService, ResourceProvider } from "@sluice/cloud";
import { z } from "zod";
import { handleKeyValueStores } from "./http-api.ts";
import type { KeyValueStores } from "./key-value-stores.ts";

const properties = z.strictObject({
  Name: z.string().regex(/^[a-zA-Z0-9-_]{1,64}$/),
  Comment: z.string().optional(),
});

/** `AWS::CloudFront::KeyValueStore`: `Ref` is its name. What `ImportSource` would bring is refused. */
function keyValueStoreProvider(
  stores: KeyValueStores,
): ResourceProvider<z.infer<typeof properties>> {
  return {
    type: "AWS::CloudFront::KeyValueStore",
    schema: properties,
    inert: [],
    async put({ Name }) {
      const { arn, id } = stores.ensure(Name);
      return { physicalId: Name, attributes: { Arn: arn, Id: id, Status: "READY" } };
    },
    async delete(name) {
      stores.remove(name);
    },
  };
}

/** Amazon CloudFront KeyValueStore, whose API is signed with a key pair (Signature Version 4A). */
export function keyValueStoreService(stores: KeyValueStores): AwsService {
  return {
    signingName: "cloudfront-keyvaluestore",
    signingAlgorithm: "AWS4-ECDSA-P256-SHA256",
    resourceProviders: [keyValueStoreProvider(stores)],
    handle: (exchange) => handleKeyValueStores(exchange, stores),
    start: async () => {},
    stop: async () => {},
  };
}
