import { type Log, type ResourceProvider, StartError } from "@sluice/cloud";
import type { KeyValueStores } from "../key-value-store/key-value-stores.ts";
import { type FunctionProperties, functionSchema } from "./function-schema.ts";
import type { StoreReader } from "./room-services.ts";
import { ViewerFunction } from "./viewer-function.ts";

export interface FunctionParts {
  /** By ARN; filled here. */
  readonly functions: Map<string, ViewerFunction>;
  /** Undefined on an edge without a cloud beside it. */
  readonly keyValueStores: KeyValueStores | undefined;
}

/** `AWS::CloudFront::Function`: `Ref` and `FunctionARN` are its ARN. */
export function functionProvider(
  parts: FunctionParts,
  log: Log,
): ResourceProvider<FunctionProperties> {
  return {
    type: "AWS::CloudFront::Function",
    schema: functionSchema,
    inert: [],
    async put(properties, { accountId, stackName, logicalId }) {
      const arn = `arn:aws:cloudfront::${accountId}:function/${properties.Name}`;
      const store = storeReader(parts.keyValueStores, properties, `${stackName}/${logicalId}`);
      try {
        parts.functions.set(arn, new ViewerFunction(properties, log, store));
      } catch (error) {
        throw new StartError(
          "function-code-invalid",
          `${stackName}/${logicalId}: FunctionCode cannot be compiled: ${String(error)}`,
        );
      }
      return {
        physicalId: arn,
        attributes: {
          FunctionARN: arn,
          "FunctionMetadata.FunctionARN": arn,
          Stage: properties.AutoPublish === true ? "LIVE" : "DEVELOPMENT",
        },
      };
    },
    async delete(arn) {
      parts.functions.delete(arn);
    },
  };
}

/** @throws StartError cloudfront-reference-missing */
function storeReader(
  stores: KeyValueStores | undefined,
  { FunctionConfig }: FunctionProperties,
  where: string,
): StoreReader | undefined {
  const arn = FunctionConfig.KeyValueStoreAssociations?.[0]?.KeyValueStoreARN;
  if (arn === undefined) return undefined;
  if (stores?.has(arn)) {
    return { read: (key) => stores.read(arn, key), summary: () => stores.describe(arn) };
  }
  throw new StartError(
    "cloudfront-reference-missing",
    `${where} names the key value store ${arn}, which this edge does not know; define it in the template.`,
  );
}
