import { Duration } from "aws-cdk-lib";
import { Alarm, ComparisonOperator, TreatMissingData } from "aws-cdk-lib/aws-cloudwatch";
import { PolicyStatement } from "aws-cdk-lib/aws-iam";
import { EventSourceMapping } from "aws-cdk-lib/aws-lambda";
import { Queue, QueueEncryption } from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";
import type { ServiceFunction } from "./service-function.ts";

export interface ConsumerQueueProps {
  /** Longest that one invocation of the consumer may take. */
  readonly consumerTimeout: Duration;
  /** Attempts before a message is set aside. */
  readonly maxReceiveCount: number;
  /** A message that waits longer means that consumers cannot keep up. */
  readonly alarmAfterWaiting: Duration;
}

export interface ConsumerProps {
  readonly batchSize: number;
  /** Functions at once (2 to 1,000), so that one queue cannot use up the account's. */
  readonly maxConcurrency: number;
}

/**
 * A queue with what it needs to lose nothing: a dead-letter queue, alarms, and a consumer that can
 * finish before its message is shown to another.
 */
export class ConsumerQueue extends Construct {
  readonly queue: Queue;
  readonly deadLetters: Queue;
  readonly consumerTimeout: Duration;

  constructor(scope: Construct, id: string, props: ConsumerQueueProps) {
    super(scope, id);
    this.consumerTimeout = props.consumerTimeout;
    this.deadLetters = new Queue(this, "DeadLetterQueue", {
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      // The longest SQS keeps a message: time to understand it and to move it back.
      retentionPeriod: Duration.days(14),
    });
    this.queue = new Queue(this, "Queue", {
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      // Shorter than the dead-letter queue's: there the age goes on counting.
      retentionPeriod: Duration.days(4),
      // AWS Lambda guide, "Using Lambda with Amazon SQS": six times the function's timeout, which
      // leaves room for retries when the function is throttled.
      visibilityTimeout: Duration.seconds(6 * props.consumerTimeout.toSeconds()),
      deadLetterQueue: { queue: this.deadLetters, maxReceiveCount: props.maxReceiveCount },
    });

    const quietUnless = {
      comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
      evaluationPeriods: 1,
      // SQS sends no metrics for a queue that nobody uses.
      treatMissingData: TreatMissingData.NOT_BREACHING,
    };
    new Alarm(this, "MessagesSetAside", {
      ...quietUnless,
      alarmDescription: `${id}: a message was given up and waits in the dead-letter queue`,
      metric: this.deadLetters.metricApproximateNumberOfMessagesVisible({
        period: Duration.minutes(1),
        statistic: "Maximum",
      }),
      threshold: 0,
    });
    new Alarm(this, "MessagesWaitTooLong", {
      ...quietUnless,
      alarmDescription: `${id}: the oldest message has waited more than ${props.alarmAfterWaiting.toMinutes()} minutes`,
      metric: this.queue.metricApproximateAgeOfOldestMessage({
        period: Duration.minutes(5),
        statistic: "Maximum",
      }),
      threshold: props.alarmAfterWaiting.toSeconds(),
    });
  }

  /** Feeds the queue's messages to a function and gives it the rights for that. */
  feed(consumer: ServiceFunction, props: ConsumerProps): void {
    if (consumer.timeout === undefined || !isWithin(consumer.timeout, this.consumerTimeout)) {
      throw new Error(
        `${consumer.node.path} may run longer than the ${this.consumerTimeout.toSeconds()} s that ${this.node.path} plans for its consumer.`,
      );
    }
    // What a mapping needs, and no more (AWS Lambda guide, "Execution role permissions").
    consumer.allow(
      new PolicyStatement({
        actions: [
          "sqs:ReceiveMessage",
          "sqs:DeleteMessage",
          "sqs:GetQueueAttributes",
          // What failed comes again after a backoff, not after the visibility timeout.
          "sqs:ChangeMessageVisibility",
        ],
        resources: [this.queue.queueArn],
      }),
    );
    new EventSourceMapping(consumer, "Messages", {
      target: consumer,
      eventSourceArn: this.queue.queueArn,
      batchSize: props.batchSize,
      maxConcurrency: props.maxConcurrency,
      reportBatchItemFailures: true,
    });
  }
}

function isWithin(timeout: Duration, limit: Duration): boolean {
  return timeout.toSeconds() <= limit.toSeconds();
}
