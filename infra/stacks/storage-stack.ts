import { CfnOutput, Duration, Stack, type StackProps } from "aws-cdk-lib";
import { type IKeyGroup, KeyValueStore } from "aws-cdk-lib/aws-cloudfront";
import type { Bucket } from "aws-cdk-lib/aws-s3";
import { Topic } from "aws-cdk-lib/aws-sns";
import type { Construct } from "constructs";
import { ConsumerQueue } from "../constructs/consumer-queue.ts";
import { PlaybackKeyGroup } from "../constructs/playback-key.ts";
import { PrivateBucket } from "../constructs/private-bucket.ts";
import { SourceBucket } from "../constructs/source-bucket.ts";
import { stringParameter } from "../constructs/string-parameter.ts";
import type { Target } from "../targets.ts";

export interface StorageStackProps extends StackProps {
  readonly target: Target;
}

export class StorageStack extends Stack {
  readonly sourceBucket: Bucket;
  readonly mediaBucket: Bucket;
  readonly webBucket: Bucket;
  readonly ingestQueue: ConsumerQueue;
  readonly taskQueue: ConsumerQueue;
  readonly packageQueue: ConsumerQueue;
  readonly taskTopic: Topic;
  readonly failedTasks: ConsumerQueue;
  readonly webhookQueue: ConsumerQueue;
  readonly playbackKeyPairId: string;
  /** Undefined where there is no CloudFront. */
  readonly playbackKeyGroup: IKeyGroup | undefined;
  /** The key of playback links and what was revoked; undefined where there is no CloudFront. */
  readonly linkStore: KeyValueStore | undefined;

  constructor(scope: Construct, id: string, props: StorageStackProps) {
    super(scope, id, props);
    const removalPolicy = props.target.bucketRemovalPolicy;

    this.ingestQueue = new ConsumerQueue(this, "Ingest", {
      consumerTimeout: Duration.minutes(3),
      maxReceiveCount: 4,
      alarmAfterWaiting: Duration.minutes(10),
    });
    this.taskQueue = new ConsumerQueue(this, "Tasks", {
      // Chunks are planned for at most 120 CPU-seconds; audio of a long film takes longer.
      consumerTimeout: Duration.minutes(10),
      maxReceiveCount: 5,
      alarmAfterWaiting: Duration.hours(1),
    });
    this.packageQueue = new ConsumerQueue(this, "Packages", {
      consumerTimeout: Duration.minutes(2),
      maxReceiveCount: 5,
      alarmAfterWaiting: Duration.minutes(10),
    });

    this.taskTopic = new Topic(this, "TaskTopic", { enforceSSL: true });
    this.failedTasks = new ConsumerQueue(this, "FailedTasks", {
      consumerTimeout: Duration.minutes(1),
      maxReceiveCount: 5,
      alarmAfterWaiting: Duration.minutes(10),
    });
    this.webhookQueue = new ConsumerQueue(this, "Webhooks", {
      consumerTimeout: Duration.seconds(30),
      // More than the attempts of a delivery (functions/webhooks/domain/retry.ts): a message also
      // comes when it is not its time, or while its receiver has enough to answer.
      maxReceiveCount: 60,
      // A receiver that is away for a day has messages of that age waiting; that is no congestion.
      alarmAfterWaiting: Duration.hours(30),
    });

    this.sourceBucket = new SourceBucket(this, "SourceBucket", {
      removalPolicy,
      arrivals: this.ingestQueue,
    });
    const mediaBucket = new PrivateBucket(this, "MediaBucket", { removalPolicy });
    mediaBucket.allowDistributions("videos/");
    this.mediaBucket = mediaBucket;
    const webBucket = new PrivateBucket(this, "WebBucket", { removalPolicy });
    webBucket.allowDistributions("");
    this.webBucket = webBucket;

    if (props.target.hasEdge) {
      const playback = new PlaybackKeyGroup(this, "Playback", {
        publicKey: stringParameter(
          this,
          "PlaybackPublicKey",
          "Public half of the key pair that signs playback, PEM",
        ),
      });
      this.playbackKeyPairId = playback.keyPairId;
      this.playbackKeyGroup = playback.keyGroup;
      this.linkStore = new KeyValueStore(this, "LinkStore", {
        comment: "Playback links: the key, and what was revoked before it expired",
      });
      new CfnOutput(this, "LinkStoreArn", { value: this.linkStore.keyValueStoreArn });
    } else {
      this.playbackKeyPairId = stringParameter(
        this,
        "EdgeKeyPairId",
        "Id by which the edge beside this stack knows the key that signs playback",
      );
      this.playbackKeyGroup = undefined;
      this.linkStore = undefined;
    }

    new CfnOutput(this, "SourceBucketName", { value: this.sourceBucket.bucketName });
    new CfnOutput(this, "MediaBucketName", { value: this.mediaBucket.bucketName });
    new CfnOutput(this, "WebBucketName", { value: this.webBucket.bucketName });
    new CfnOutput(this, "PlaybackKeyPairId", { value: this.playbackKeyPairId });
  }
}
