import { AwsError } from "../../aws-error.ts";
import type { Operation, S3Environment } from "../environment.ts";
import { noSuchKey } from "../errors.ts";
import type { S3Request } from "../request.ts";
import { answerXml, type XmlElement } from "../xml.ts";

/**
 * What clients ask of a bucket before they use it. Buckets here have what every new bucket on AWS
 * has since 2023, and nothing else can be set:
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-ownership-existing-bucket.html
 */
const answers: Readonly<Record<string, readonly [root: string, content: XmlElement]>> = {
  accelerate: ["AccelerateConfiguration", {}],
  encryption: [
    "ServerSideEncryptionConfiguration",
    {
      Rule: {
        ApplyServerSideEncryptionByDefault: { SSEAlgorithm: "AES256" },
        BucketKeyEnabled: false,
      },
    },
  ],
  logging: ["BucketLoggingStatus", {}],
  ownershipControls: ["OwnershipControls", { Rule: { ObjectOwnership: "BucketOwnerEnforced" } }],
  publicAccessBlock: [
    "PublicAccessBlockConfiguration",
    {
      BlockPublicAcls: true,
      IgnorePublicAcls: true,
      BlockPublicPolicy: true,
      RestrictPublicBuckets: true,
    },
  ],
  requestPayment: ["RequestPaymentConfiguration", { Payer: "BucketOwner" }],
};

/** What was never configured, by the error that says so. */
const absent: Readonly<Record<string, readonly [code: string, message: string]>> = {
  "object-lock": [
    "ObjectLockConfigurationNotFoundError",
    "Object Lock configuration does not exist for this bucket",
  ],
  replication: [
    "ReplicationConfigurationNotFoundError",
    "The replication configuration was not found",
  ],
  tagging: ["NoSuchTagSet", "The TagSet does not exist"],
  website: [
    "NoSuchWebsiteConfiguration",
    "The specified bucket does not have a website configuration",
  ],
};

const probes = [
  ...Object.entries(answers).map(([name, [root, content]]): [string, Operation] => [
    name,
    async (environment, request) => {
      environment.buckets.get(request.bucket);
      answerXml(request.exchange.response, root, content);
    },
  ]),
  ...Object.entries(absent).map(([name, [code, message]]): [string, Operation] => [
    name,
    async (environment, request) => {
      environment.buckets.get(request.bucket);
      throw new AwsError(code, message, 404, { BucketName: request.bucket });
    },
  ]),
];

/** By method and subresource. */
export const bucketProbes: Readonly<Record<string, Operation>> = Object.fromEntries(
  probes.map(([name, operation]) => [`GET ${name}`, operation]),
);

/** Objects here take no tags, so each has none. */
export async function getObjectTagging(
  environment: S3Environment,
  { bucket, key, exchange }: S3Request,
): Promise<void> {
  environment.buckets.get(bucket);
  if (!environment.objects.find(bucket, key)) throw noSuchKey(key);
  answerXml(exchange.response, "Tagging", { TagSet: {} });
}
