import { Duration } from "aws-cdk-lib";
import type { ILayerVersion } from "aws-cdk-lib/aws-lambda";
import { Construct } from "constructs";
import { allowDatabase } from "./database-access.ts";
import { allowRevoking } from "./path-token-links.ts";
import { PushWorker } from "./push-worker.ts";
import type { Resources } from "./resources.ts";
import { invoking, listing, onObjects, publishingTo, sendingTo } from "./rights.ts";
import { ServiceFunction } from "./service-function.ts";
import { allowAnnouncing } from "./webhook-functions.ts";

export interface TranscodeFunctionsProps extends Resources {
  readonly ffmpeg: ILayerVersion;
}

/** From a source to segments. Only `transcode` runs an encoder, and it has no right on any data. */
export class TranscodeFunctions extends Construct {
  constructor(scope: Construct, id: string, props: TranscodeFunctionsProps) {
    super(scope, id);
    const { ingestQueue, mediaBucket, packageQueue, sourceBucket, target, taskQueue } = props;
    const { failedTasks, ffmpeg, taskTopic } = props;
    const common = { target, capability: "transcode" };
    const sendsTasks = {
      TASK_QUEUE_URL: taskQueue.queue.queueUrl,
      TASK_TOPIC_ARN: taskTopic.topicArn,
    };

    const plan = new ServiceFunction(this, "Plan", {
      ...common,
      name: "plan",
      description: "Looks into a source and cuts the work into tasks",
      timeout: ingestQueue.consumerTimeout,
      memoryMiB: 1769,
      layers: [props.ffmpeg],
      environment: {
        SOURCE_BUCKET: sourceBucket.bucketName,
        ...sendsTasks,
      },
    });
    plan.allow(
      // A source that is no video is not kept.
      onObjects(sourceBucket, "sources/", "s3:GetObject", "s3:DeleteObject"),
      listing(sourceBucket),
      sendingTo(taskQueue.queue),
      publishingTo(taskTopic),
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
        ...sendsTasks,
      },
    });
    commit.allow(
      // What does not hold up is removed, so that it can be made again; of what is gone, everything.
      onObjects(mediaBucket, "videos/", "s3:GetObject", "s3:PutObject", "s3:DeleteObject"),
      listing(mediaBucket),
      // The storyboard's task waits for the last chunk.
      sendingTo(packageQueue.queue, taskQueue.queue),
      publishingTo(taskTopic),
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

    const worker = {
      ...{ target, ffmpeg, lease, commit, failedTasks, topic: taskTopic },
      timeout: taskQueue.consumerTimeout,
    };
    new PushWorker(this, "PushTranscode", {
      ...worker,
      kind: "transcode",
      description: "Encodes one time range in all renditions, started by the topic",
      memoryMiB: target.transcodeMemoryMiB,
      temporaryStorageMiB: 2048,
    });
    // One thread each, so one vCPU (docs/decisions/0007-one-thread-per-encoder.md).
    const oneProcessor = { ...worker, memoryMiB: 1769 };
    new PushWorker(this, "PushAudio", {
      ...oneProcessor,
      kind: "audio",
      description: "Encodes the sound, started by the topic",
    });
    new PushWorker(this, "PushThumbnail", {
      ...oneProcessor,
      kind: "thumbnail",
      description: "Makes the storyboard, started by the topic",
      temporaryStorageMiB: 2048,
    });
    new PushWorker(this, "PushMetadata", {
      ...worker,
      kind: "metadata",
      description: "Reads what the file says of itself, started by the topic",
      memoryMiB: 512,
    });

    const retire = new ServiceFunction(this, "RetireTask", {
      ...common,
      name: "retire-task",
      description: "Gives up what the topic's functions could not do",
      timeout: failedTasks.consumerTimeout,
      memoryMiB: 512,
      environment: { PACKAGE_QUEUE_URL: packageQueue.queue.queueUrl, ...sendsTasks },
    });
    // A video that is whole without the task is settled by a worker that is sent another.
    retire.allow(sendingTo(packageQueue.queue, taskQueue.queue), publishingTo(taskTopic));
    failedTasks.feed(retire, { batchSize: 5, maxConcurrency: target.lightConcurrency });

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
      // Of one that is deleted, not even parts.
      onObjects(sourceBucket, "sources/", "s3:DeleteObject", "s3:AbortMultipartUpload"),
    );
    packageQueue.feed(packageFunction, { batchSize: 5, maxConcurrency: target.lightConcurrency });

    allowAnnouncing(props, plan, packageFunction);
    // It goes on with deletions, which take the video's links with them.
    allowRevoking(props.links, packageFunction);
    allowDatabase(props.database, plan, lease, commit, retire, packageFunction);
  }
}
