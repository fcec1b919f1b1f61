import { type AppPromise, at, named, type Templates } from "./templates.ts";

const subscriptions = (templates: Templates) =>
  templates.all("AWS::SNS::Subscription").map((subscription) => ({
    subscription,
    endpoint: templates.follow(subscription.stack, subscription.properties.Endpoint),
  }));

/** Functions that a topic starts, and nobody waits for. */
export const startedByTopics = (templates: Templates) =>
  subscriptions(templates).flatMap(({ endpoint }) =>
    endpoint?.type === "AWS::Lambda::Function" ? [endpoint] : [],
  );

const everySubscriptionChoosesAndKeepsWhatItCannotDeliver: AppPromise = (templates) =>
  subscriptions(templates).flatMap(({ subscription, endpoint }) => {
    const { stack, properties } = subscription;
    const deadLetters = templates.follow(
      stack,
      at(properties.RedrivePolicy, "deadLetterTargetArn"),
    );
    return [
      ...(endpoint ? [] : [`${named(subscription)} leads out of this app`]),
      ...(properties.FilterPolicy ? [] : [`${named(subscription)} takes every message`]),
      ...(deadLetters?.type === "AWS::SQS::Queue"
        ? []
        : [`${named(subscription)} has no dead-letter queue`]),
    ];
  });

const whatAFunctionGivesUpIsConsumed: AppPromise = (templates) => {
  const consumed = new Set(
    templates.all("AWS::Lambda::EventSourceMapping").flatMap((mapping) => {
      const queue = templates.follow(mapping.stack, mapping.properties.EventSourceArn);
      return queue ? [named(queue)] : [];
    }),
  );
  const destinations = new Map(
    templates.all("AWS::Lambda::EventInvokeConfig").map(({ stack, properties }) => {
      const { FunctionName: name, DestinationConfig: config } = properties;
      const destination = at(config, "OnFailure", "Destination");
      return [templates.follow(stack, name)?.id, templates.follow(stack, destination)];
    }),
  );
  return startedByTopics(templates).flatMap((each) => {
    const destination = destinations.get(each.id);
    if (!destination) return [`${named(each)} forgets what it could not do`];
    return consumed.has(named(destination))
      ? []
      : [`${named(each)} sends what it could not do where nobody looks`];
  });
};

const noTopicStartsMoreThanItsShare: AppPromise = (templates) =>
  startedByTopics(templates)
    .filter(({ properties }) => typeof properties.ReservedConcurrentExecutions !== "number")
    .map((each) => `${named(each)} may use up the account's functions`);

export const topicPromises = {
  everySubscriptionChoosesAndKeepsWhatItCannotDeliver,
  whatAFunctionGivesUpIsConsumed,
  noTopicStartsMoreThanItsShare,
} as const;
