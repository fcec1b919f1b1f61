import { z } from "zod";
import type { ResourceProvider } from "../resource-provider.ts";
import type { S3Environment } from "./environment.ts";

const policyProperties = z.strictObject({
  Bucket: z.string(),
  PolicyDocument: z.record(z.string(), z.unknown()),
});

/**
 * Kept and shown by GetBucketPolicy. Whoever signs is the account's owner here, and who does not is
 * refused; what a policy says beyond that is not evaluated.
 */
export function createBucketPolicyProvider({
  buckets,
}: S3Environment): ResourceProvider<z.infer<typeof policyProperties>> {
  return {
    type: "AWS::S3::BucketPolicy",
    schema: policyProperties,
    inert: [],
    async put({ Bucket, PolicyDocument }) {
      buckets.setPolicy(Bucket, JSON.stringify(PolicyDocument));
      return { physicalId: Bucket, attributes: {} };
    },
    async delete(physicalId) {
      if (buckets.find(physicalId)) buckets.setPolicy(physicalId, undefined);
    },
  };
}
