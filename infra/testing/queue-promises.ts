import { type AppPromise, at, listOf, named, type Value } from "./templates.ts";

const everyQueueHasADeadLetterQueue: AppPromise = (templates) => {
  const queues = templates.all("AWS::SQS::Queue");
  const deadLetterQueues = new Set(
    queues.flatMap((queue) => {
      const target = templates.follow(
        queue.stack,
        at(queue.properties.RedrivePolicy, "deadLetterTargetArn"),
      );
      return target ? [named(target)] : [];
    }),
  );
  return queues
    .filter((queue) => !deadLetterQueues.has(named(queue)))
    .filter((queue) => !Number.isInteger(at(queue.properties.RedrivePolicy, "maxReceiveCount")))
    .map((queue) => `${named(queue)} has no dead-letter queue`);
};

const consumersEndWellBeforeTheirMessageIsShownAgain: AppPromise = (templates) =>
  templates.all("AWS::Lambda::EventSourceMapping").flatMap((mapping) => {
    const queue = templates.follow(mapping.stack, mapping.properties.EventSourceArn);
    const consumer = templates.follow(mapping.stack, mapping.properties.FunctionName);
    const visibility = queue?.properties.VisibilityTimeout;
    const timeout = consumer?.properties.Timeout;
    if (typeof visibility !== "number" || typeof timeout !== "number") {
      return [
        `${named(mapping)} does not lead from a queue to a function that both say their time`,
      ];
    }
    return 6 * timeout <= visibility
      ? []
      : [`${named(mapping)}: 6 x ${timeout} s is more than the visibility of ${visibility} s`];
  });

const batchesFailByTheMessage: AppPromise = (templates) =>
  templates
    .all("AWS::Lambda::EventSourceMapping")
    .filter(
      ({ properties }) =>
        !listOf(properties.FunctionResponseTypes).includes("ReportBatchItemFailures"),
    )
    .map((mapping) => `${named(mapping)} does not report failures message by message`);

const everyQueueIsWatched: AppPromise = (templates) => {
  const watched = new Map<string, Set<Value>>();
  const violations: string[] = [];
  for (const alarm of templates.all("AWS::CloudWatch::Alarm")) {
    if (alarm.properties.TreatMissingData !== "notBreaching") {
      violations.push(`${named(alarm)} goes off when nobody uses its queue`);
    }
    const queue = templates.follow(alarm.stack, at(alarm.properties.Dimensions, 0, "Value"));
    if (!queue) continue;
    const metrics = watched.get(named(queue)) ?? new Set();
    watched.set(named(queue), metrics.add(alarm.properties.MetricName ?? ""));
  }
  for (const queue of templates.all("AWS::SQS::Queue")) {
    const metric = queue.properties.RedrivePolicy
      ? "ApproximateAgeOfOldestMessage"
      : "ApproximateNumberOfMessagesVisible";
    if (!watched.get(named(queue))?.has(metric)) {
      violations.push(`${named(queue)} has no alarm on ${metric}`);
    }
  }
  return violations;
};

export const queuePromises = {
  everyQueueHasADeadLetterQueue,
  consumersEndWellBeforeTheirMessageIsShownAgain,
  batchesFailByTheMessage,
  everyQueueIsWatched,
} as const;
