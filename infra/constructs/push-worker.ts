import type { Duration } from "aws-cdk-lib";
import { CfnEventInvokeConfig, type IFunction, type ILayerVersion } from "aws-cdk-lib/aws-lambda";
import { SubscriptionFilter, type Topic } from "aws-cdk-lib/aws-sns";
import { LambdaSubscription } from "aws-cdk-lib/aws-sns-subscriptions";
import type { Construct } from "constructs";
import type { Target, TaskKind } from "../targets.ts";
import type { ConsumerQueue } from "./consumer-queue.ts";
import { invoking, sendingTo } from "./rights.ts";
import { ServiceFunction } from "./service-function.ts";

export interface PushWorkerProps {
  readonly target: Target;
  readonly kind: TaskKind;
  readonly description: string;
  /** As long as a task may take by pull. */
  readonly timeout: Duration;
  readonly memoryMiB: number;
  readonly temporaryStorageMiB?: number;
  readonly ffmpeg: ILayerVersion;
  readonly topic: Topic;
  /** Gets what was given up, and what could not be delivered. */
  readonly failedTasks: ConsumerQueue;
  readonly lease: IFunction;
  readonly commit: IFunction;
}

/** A worker that the topic starts for tasks of one kind. */
export class PushWorker extends ServiceFunction {
  constructor(scope: Construct, id: string, props: PushWorkerProps) {
    const { failedTasks, kind, lease, commit, target } = props;
    super(scope, id, {
      target,
      capability: "transcode",
      name: "transcode-push",
      description: props.description,
      timeout: props.timeout,
      memoryMiB: props.memoryMiB,
      ...(props.temporaryStorageMiB && { temporaryStorageMiB: props.temporaryStorageMiB }),
      layers: [props.ffmpeg],
      environment: { LEASE_FUNCTION: lease.functionName, COMMIT_FUNCTION: commit.functionName },
      // The only brake: a topic starts as many as there are tasks.
      reservedConcurrency: target.pushConcurrency[kind],
    });
    // As narrow as the pulling worker: lease and commit, and Lambda's own record of a failure.
    this.allow(invoking(lease, commit), sendingTo(failedTasks.queue));
    new CfnEventInvokeConfig(this, "Failures", {
      functionName: this.functionName,
      qualifier: "$LATEST",
      // Both the most that Lambda takes: 1 and 2 minutes after a failure, and 6 hours in its queue.
      maximumRetryAttempts: 2,
      maximumEventAgeInSeconds: 21_600,
      destinationConfig: { onFailure: { destination: failedTasks.queue.queueArn } },
    });
    props.topic.addSubscription(
      new LambdaSubscription(this, {
        filterPolicy: { kind: SubscriptionFilter.stringFilter({ allowlist: [kind] }) },
        deadLetterQueue: failedTasks.queue,
      }),
    );
  }
}
