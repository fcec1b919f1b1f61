import { Duration } from "aws-cdk-lib";
import { Alarm, ComparisonOperator, TreatMissingData } from "aws-cdk-lib/aws-cloudwatch";
import { Rule, Schedule } from "aws-cdk-lib/aws-events";
import { LambdaFunction } from "aws-cdk-lib/aws-events-targets";
import { CfnEventInvokeConfig } from "aws-cdk-lib/aws-lambda";
import { Construct } from "constructs";
import { allowDatabase } from "./database-access.ts";
import type { Resources } from "./resources.ts";
import { listing, onObjects, publishingTo, sendingTo } from "./rights.ts";
import { ServiceFunction } from "./service-function.ts";
import { allowAnnouncing } from "./webhook-functions.ts";

/** What goes round and mends, so that nothing that was accepted waits for ever. */
export class MaintenanceFunctions extends Construct {
  constructor(scope: Construct, id: string, props: Resources) {
    super(scope, id);
    const { ingestQueue, packageQueue, sourceBucket, target, taskQueue, taskTopic } = props;
    const sweep = new ServiceFunction(this, "Sweep", {
      target,
      capability: "maintenance",
      name: "sweep",
      description: "Restarts, gives up or ends what was lost, cut off or forgotten",
      timeout: Duration.minutes(2),
      memoryMiB: 512,
      environment: {
        SOURCE_BUCKET: sourceBucket.bucketName,
        INGEST_QUEUE_URL: ingestQueue.queue.queueUrl,
        TASK_QUEUE_URL: taskQueue.queue.queueUrl,
        TASK_TOPIC_ARN: taskTopic.topicArn,
        PACKAGE_QUEUE_URL: packageQueue.queue.queueUrl,
        STALE_UPLOAD_DAYS: String(target.staleUploadDays),
      },
      // A second one would do no harm, and no good.
      reservedConcurrency: 1,
    });
    sweep.allow(
      // It asks others to do the work. Only uploads it ends itself: it frees the parts, and looks
      // whether the file has been completed meanwhile.
      sendingTo(ingestQueue.queue, taskQueue.queue, packageQueue.queue),
      publishingTo(taskTopic),
      onObjects(sourceBucket, "sources/", "s3:AbortMultipartUpload", "s3:GetObject"),
      listing(sourceBucket),
    );
    allowDatabase(props.database, sweep);
    allowAnnouncing(props, sweep);
    // The next run is the retry.
    new CfnEventInvokeConfig(this, "SweepRetries", {
      functionName: sweep.functionName,
      qualifier: "$LATEST",
      maximumRetryAttempts: 0,
      maximumEventAgeInSeconds: Math.max(60, target.sweepEvery.toSeconds()),
    });
    new Rule(this, "Schedule", {
      description: "Has the sweeper go round",
      schedule: Schedule.rate(target.sweepEvery),
      targets: [new LambdaFunction(sweep, { retryAttempts: 0 })],
    });
    new Alarm(this, "SweepFails", {
      alarmDescription: "Sweep: something that was lost could not be mended, three runs on end",
      metric: sweep.metricErrors({ period: target.sweepEvery, statistic: "Sum" }),
      threshold: 0,
      comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
      evaluationPeriods: 3,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
  }
}
