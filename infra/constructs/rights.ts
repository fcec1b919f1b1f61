import { PolicyStatement } from "aws-cdk-lib/aws-iam";
import type { IFunction } from "aws-cdk-lib/aws-lambda";
import type { Bucket } from "aws-cdk-lib/aws-s3";
import type { ITopic } from "aws-cdk-lib/aws-sns";
import type { IQueue } from "aws-cdk-lib/aws-sqs";

/** The prefixes of docs/ARCHITECTURE.md, "Keys". */
export type KeyPrefix = "sources/" | "videos/";

type ObjectAction =
  | "s3:GetObject"
  // CreateMultipartUpload, UploadPart and CompleteMultipartUpload too.
  | "s3:PutObject"
  | "s3:DeleteObject"
  | "s3:ListMultipartUploadParts"
  | "s3:AbortMultipartUpload";

/**
 * Rights on objects, action by action. The grants of the CDK give `s3:GetObject*` and the like,
 * which are more than anybody here needs.
 */
export function onObjects(
  bucket: Bucket,
  prefix: KeyPrefix,
  ...actions: readonly ObjectAction[]
): PolicyStatement {
  return new PolicyStatement({
    actions: [...actions],
    resources: [bucket.arnForObjects(`${prefix}*`)],
  });
}

/** Also what makes S3 answer 404, not 403, for an object that does not exist. */
export function listing(bucket: Bucket): PolicyStatement {
  return new PolicyStatement({ actions: ["s3:ListBucket"], resources: [bucket.bucketArn] });
}

export function sendingTo(...queues: readonly IQueue[]): PolicyStatement {
  return new PolicyStatement({
    actions: ["sqs:SendMessage"],
    resources: queues.map((queue) => queue.queueArn),
  });
}

export function publishingTo(topic: ITopic): PolicyStatement {
  return new PolicyStatement({ actions: ["sns:Publish"], resources: [topic.topicArn] });
}

export function invoking(...functions: readonly IFunction[]): PolicyStatement {
  return new PolicyStatement({
    actions: ["lambda:InvokeFunction"],
    resources: functions.map((each) => each.functionArn),
  });
}
