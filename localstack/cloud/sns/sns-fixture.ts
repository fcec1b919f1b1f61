import { CreateTopicCommand, SNSClient, SubscribeCommand } from "@aws-sdk/client-sns";
import { CreateQueueCommand, ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { ManualClock } from "../clock.ts";
import { type Endpoint, openEndpoint } from "../http/index.ts";
import { createSqsService, type SqsService } from "../sqs/index.ts";
import { createTestContext, type TestContext } from "../testing.ts";
import type { DeliveryTargets } from "./deliveries.ts";
import { createSnsService, type SnsService } from "./index.ts";

export interface SnsFixture {
  readonly clock: ManualClock;
  readonly context: TestContext;
  readonly endpoint: string;
  readonly service: SnsService;
  readonly queues: SqsService;
  readonly sns: SNSClient;
  /** Messages of the cloud's log. */
  readonly log: string[];
  /** What functions were invoked with, in order. */
  readonly invoked: { readonly arn: string; readonly event: string }[];
  makeTopic(name: string, attributes?: Record<string, string>): Promise<string>;
  /** Answers the queue's ARN; a second queue of one name is the same one. */
  makeQueue(name: string): Promise<string>;
  subscribe(
    topicArn: string,
    endpoint: string,
    attributes?: Record<string, string>,
  ): Promise<string>;
  /** Takes up to 10 messages off a queue, waiting for the first one. */
  receive(queueArn: string): Promise<{ body: string; attributes: Record<string, string> }[]>;
  close(): Promise<void>;
}

export interface SnsFixtureOptions {
  readonly dataDir?: string;
  readonly targets?: Partial<DeliveryTargets>;
  /** Left out, it delivers at once. */
  readonly start?: boolean;
}

/** SNS and SQS behind a real endpoint, and functions that only note what they get; for tests. */
export async function openSns(options: SnsFixtureOptions = {}): Promise<SnsFixture> {
  const clock = new ManualClock(Date.now());
  const log: string[] = [];
  const invoked: { arn: string; event: string }[] = [];
  let endpoint: Endpoint | undefined;
  const context = await createTestContext({
    clock,
    log: (_level, message) => void log.push(message),
    endpoint: () => endpoint?.url ?? "",
    ...(options.dataDir !== undefined && { dataDir: options.dataDir }),
  });
  const queues = createSqsService(context);
  const service = createSnsService(context, {
    queues,
    functions: {
      async invokeAsync(arn, payload) {
        invoked.push({ arn, event: Buffer.from(payload).toString() });
      },
    },
    ...options.targets,
  });
  const services = [queues, service];
  endpoint = await openEndpoint({ ...context, host: "127.0.0.1", port: 0, services });
  if (options.start !== false) await service.start();
  const client = {
    endpoint: endpoint.url,
    region: context.region,
    // A copy: the SDK writes into what it is given.
    credentials: { ...context.credentials },
    maxAttempts: 1,
  };
  const sns = new SNSClient(client);
  const sqs = new SQSClient(client);
  const nameOf = (arn: string) => arn.split(":").at(-1) ?? "";

  return {
    clock,
    context,
    endpoint: endpoint.url,
    service,
    queues,
    sns,
    log,
    invoked,
    async makeTopic(Name, Attributes = {}) {
      return (await sns.send(new CreateTopicCommand({ Name, Attributes }))).TopicArn ?? "";
    },
    async makeQueue(QueueName) {
      await sqs.send(new CreateQueueCommand({ QueueName }));
      return `arn:aws:sqs:${context.region}:${context.accountId}:${QueueName}`;
    },
    async subscribe(TopicArn, Endpoint, Attributes = {}) {
      const Protocol = Endpoint.split(":")[2];
      const { SubscriptionArn } = await sns.send(
        new SubscribeCommand({ TopicArn, Protocol, Endpoint, Attributes }),
      );
      return SubscriptionArn ?? "";
    },
    async receive(queueArn) {
      await queues.readable(queueArn, new AbortController().signal);
      const { Messages = [] } = await sqs.send(
        new ReceiveMessageCommand({
          QueueUrl: `${endpoint.url}/${context.accountId}/${nameOf(queueArn)}`,
          MaxNumberOfMessages: 10,
          MessageAttributeNames: ["All"],
        }),
      );
      return Messages.map(({ Body = "", MessageAttributes = {} }) => ({
        body: Body,
        attributes: Object.fromEntries(
          Object.entries(MessageAttributes).map(([name, it]) => [name, it.StringValue ?? ""]),
        ),
      }));
    },
    async close() {
      await service.stop();
      sns.destroy();
      sqs.destroy();
      await endpoint.close();
      await context.dispose();
    },
  };
}
