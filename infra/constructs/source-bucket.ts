import { Aws, Duration, type RemovalPolicy, Stack } from "aws-cdk-lib";
import { Effect, PolicyStatement, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { CfnBucket, HttpMethods } from "aws-cdk-lib/aws-s3";
import type { Construct } from "constructs";
import type { ConsumerQueue } from "./consumer-queue.ts";
import { PrivateBucket } from "./private-bucket.ts";

export interface SourceBucketProps {
  readonly removalPolicy: RemovalPolicy;
  /** Told of every finished upload. */
  readonly arrivals: ConsumerQueue;
}

/** Where uploads arrive, part by part from the browser, and which says so to the ingest queue. */
export class SourceBucket extends PrivateBucket {
  constructor(scope: Construct, id: string, props: SourceBucketProps) {
    super(scope, id, {
      removalPolicy: props.removalPolicy,
      cors: [
        {
          // The presigned link is the capability; which page holds it does not matter.
          allowedOrigins: ["*"],
          allowedMethods: [HttpMethods.PUT],
          allowedHeaders: ["*"],
          // S3 takes no wildcard here.
          exposedHeaders: [
            "ETag",
            "x-amz-checksum-crc32",
            "x-amz-checksum-crc32c",
            "x-amz-checksum-crc64nvme",
            "x-amz-checksum-sha1",
            "x-amz-checksum-sha256",
          ],
          maxAge: Duration.hours(1).toSeconds(),
        },
      ],
      lifecycleRules: [
        {
          id: "abort-stale-uploads",
          abortIncompleteMultipartUploadAfter: Duration.days(7),
        },
      ],
    });
    this.#announceTo(props.arrivals);
  }

  /** By the L1 property: the L2's notifications are a custom resource. */
  #announceTo(arrivals: ConsumerQueue): void {
    // The bucket names the queue, so the queue's policy cannot name the bucket: a generated name
    // begins with the stack's, and SourceAccount shuts out everybody else's buckets.
    const { partition, stackName } = Stack.of(this);
    const granted = arrivals.queue.addToResourcePolicy(
      new PolicyStatement({
        sid: "SourceBucketAnnounces",
        effect: Effect.ALLOW,
        principals: [new ServicePrincipal("s3.amazonaws.com")],
        actions: ["sqs:SendMessage"],
        resources: [arrivals.queue.queueArn],
        conditions: {
          StringEquals: { "aws:SourceAccount": Aws.ACCOUNT_ID },
          ArnLike: { "aws:SourceArn": `arn:${partition}:s3:::${stackName.toLowerCase()}-*` },
        },
      }),
    );
    const bucket = this.node.defaultChild;
    if (!(bucket instanceof CfnBucket)) throw new Error("A bucket's default child is a CfnBucket.");
    bucket.notificationConfiguration = {
      queueConfigurations: [
        {
          event: "s3:ObjectCreated:*",
          queue: arrivals.queue.queueArn,
          filter: { s3Key: { rules: [{ name: "prefix", value: "sources/" }] } },
        },
      ],
    };
    // S3 tries the queue when the notification is set.
    if (granted.policyDependable) this.node.addDependency(granted.policyDependable);
  }
}
