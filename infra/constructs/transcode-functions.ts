import { Duration } from "aws-cdk-lib";
import type { ILayerVersion } from "aws-cdk-lib/aws-lambda";
import { Construct } from "constructs";
import { allowDatabase } from "./database-access.ts";
import type { Resources } from "./resources.ts";
import { invoking, listing, onObjects, sendingTo } from "./rights.ts";
import { ServiceFunction } from "./service-function.ts";

export interface TranscodeFunctionsProps extends Resources {
  readonly ffmpeg: ILayerVersion;
}

/** From a source to segments. Only `transcode` runs an encoder, and it has no right on any data. */
export class TranscodeFunctions extends Construct {
  constructor(scope: Construct, id: string, props: TranscodeFunctionsProps) {
    super(scope, id);
    const { ingestQueue, mediaBucket, packageQueue, sourceBucket, target, taskQueue } = props;
    const common = { target, capability: "transcode" };

    const plan = new ServiceFunction(this, "Plan", {
      ...common,
      name: "plan",
      description: "Looks into a source and cuts the work into tasks",
      timeout: ingestQueue.consumerTimeout,
      memoryMiB: 1769,
      layers: [props.ffmpeg],
      environment: {
        SOURCE_BUCKET: sourceBucket.bucketName,
        TASK_QUEUE_URL: taskQueue.queue.queueUrl,
      },
    });
    plan.allow(
      // A source that is no video is not kept.
      onObjects(sourceBucket, "sources/", "s3:GetObject", "s3:DeleteObject"),
      listing(sourceBucket),
      sendingTo(taskQueue.queue),
    );
    ingestQueue.feed(plan, { batchSize: 1, maxConcurrency: target.lightConcurrency });

    const lease = new ServiceFunction(this, "Lease", {
      ...common,
      name: "lease",
      description: "Signs the links of one task",
      timeout: Duration.seconds(30),
      memoryMiB: 512,
      environment: {
        SOURCE_BUCKET: sourceBucket.bucketName,
        MEDIA_BUCKET: mediaBucket.bucketName,
      },
    });
    // A link carries the rights of whoever signed it.
    lease.allow(
      onObjects(sourceBucket, "sources/", "s3:GetObject"),
      listing(sourceBucket),
      // Segments are read again for the storyboard.
      onObjects(mediaBucket, "videos/", "s3:GetObject", "s3:PutObject"),
    );

    const commit = new ServiceFunction(this, "Commit", {
      ...common,
      name: "commit",
      description: "Checks what a task made and records it",
      timeout: Duration.minutes(1),
      memoryMiB: 1024,
      environment: {
        MEDIA_BUCKET: mediaBucket.bucketName,
        PACKAGE_QUEUE_URL: packageQueue.queue.queueUrl,
        TASK_QUEUE_URL: taskQueue.queue.queueUrl,
      },
    });
    commit.allow(
      // What does not hold up is removed, so that it can be made again; of what is gone, everything.
      onObjects(mediaBucket, "videos/", "s3:GetObject", "s3:PutObject", "s3:DeleteObject"),
      listing(mediaBucket),
      // The storyboard's task waits for the last chunk.
      sendingTo(packageQueue.queue, taskQueue.queue),
    );

    const transcode = new ServiceFunction(this, "Transcode", {
      ...common,
      name: "transcode",
      description: "Does one task: encodes, draws, reads",
      timeout: taskQueue.consumerTimeout,
      memoryMiB: target.transcodeMemoryMiB,
      temporaryStorageMiB: 2048,
      layers: [props.ffmpeg],
      environment: {
        LEASE_FUNCTION: lease.functionName,
        COMMIT_FUNCTION: commit.functionName,
      },
    });
    // ffmpeg is treated as compromised: these two, its own queue, and nothing else.
    transcode.allow(invoking(lease, commit));
    taskQueue.feed(transcode, { batchSize: 1, maxConcurrency: target.transcodeConcurrency });

    const packageFunction = new ServiceFunction(this, "Package", {
      ...common,
      name: "package",
      description: "Finishes a video: final playlists, then ready",
      timeout: packageQueue.consumerTimeout,
      memoryMiB: 512,
      environment: {
        MEDIA_BUCKET: mediaBucket.bucketName,
        SOURCE_BUCKET: sourceBucket.bucketName,
      },
    });
    packageFunction.allow(
      // Of a video that failed nothing half-made stays.
      onObjects(mediaBucket, "videos/", "s3:GetObject", "s3:PutObject", "s3:DeleteObject"),
      listing(mediaBucket),
      onObjects(sourceBucket, "sources/", "s3:DeleteObject"),
    );
    packageQueue.feed(packageFunction, { batchSize: 5, maxConcurrency: target.lightConcurrency });

    allowDatabase(props.database, plan, lease, commit, packageFunction);
  }
}
