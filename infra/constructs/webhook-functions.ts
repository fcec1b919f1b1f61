import { PolicyStatement } from "aws-cdk-lib/aws-iam";
import { Construct } from "constructs";
import { ApiFunction } from "./api-function.ts";
import { allowDatabase } from "./database-access.ts";
import type { Resources } from "./resources.ts";
import type { SluiceApi } from "./rest-api.ts";
import { sendingTo } from "./rights.ts";
import { ServiceFunction } from "./service-function.ts";

export interface WebhookFunctionsProps extends Resources {
  readonly api: SluiceApi;
  /** Secret that holds the master keys by number, JSON. */
  readonly keysSecretArn: string;
}

/** Whom owners want told, and the telling. */
export class WebhookFunctions extends Construct {
  constructor(scope: Construct, id: string, props: WebhookFunctionsProps) {
    super(scope, id);
    const { api, database, keysSecretArn, target, webhookQueue } = props;
    const common = { target, capability: "webhooks" };
    const keys = { WEBHOOK_KEYS_SECRET_ARN: keysSecretArn };
    const receivers = { WEBHOOK_RECEIVERS: target.webhookReceivers };
    const readingKeys = new PolicyStatement({
      actions: ["secretsmanager:GetSecretValue"],
      resources: [keysSecretArn],
    });

    const create = new ApiFunction(this, "CreateWebhook", {
      ...common,
      name: "create-webhook",
      description: "Records a webhook and shows its secret",
      environment: { ...keys, ...receivers },
    });
    create.allow(readingKeys);
    api.route("POST", "/webhooks", create);

    const list = new ApiFunction(this, "ListWebhooks", {
      ...common,
      name: "list-webhooks",
      description: "Lists webhooks",
    });
    api.route("GET", "/webhooks", list);

    const remove = new ApiFunction(this, "DeleteWebhook", {
      ...common,
      name: "delete-webhook",
      description: "Deletes a webhook",
    });
    api.route("DELETE", "/webhooks/{webhookId}", remove);

    const replaceSecret = new ApiFunction(this, "ReplaceSecret", {
      ...common,
      name: "replace-secret",
      description: "Gives a webhook a new secret",
      environment: keys,
    });
    replaceSecret.allow(readingKeys);
    api.route("POST", "/webhooks/{webhookId}/secret", replaceSecret);

    const listDeliveries = new ApiFunction(this, "ListDeliveries", {
      ...common,
      name: "list-deliveries",
      description: "Tells what was sent to a webhook, and what came of it",
    });
    api.route("GET", "/webhooks/{webhookId}/deliveries", listDeliveries);

    const test = new ApiFunction(this, "TestWebhook", {
      ...common,
      name: "test-webhook",
      description: "Has a test sent to a webhook",
    });
    api.route("POST", "/webhooks/{webhookId}/test", test);

    const sendAgain = new ApiFunction(this, "SendAgain", {
      ...common,
      name: "send-again",
      description: "Has an event sent to a webhook again",
    });
    api.route("POST", "/webhooks/{webhookId}/deliveries/{eventId}", sendAgain);
    allowAnnouncing(props, test, sendAgain);

    const deliver = new ServiceFunction(this, "DeliverWebhooks", {
      ...common,
      name: "deliver-webhooks",
      description: "Sends events to receivers that strangers chose",
      timeout: webhookQueue.consumerTimeout,
      memoryMiB: 512,
      environment: {
        ...keys,
        ...receivers,
        WEBHOOK_DEAD_LETTER_QUEUE_URL: webhookQueue.deadLetters.queueUrl,
      },
    });
    // A message waits more often than it fails, so the function says itself when it gives up.
    deliver.allow(readingKeys, sendingTo(webhookQueue.deadLetters));
    webhookQueue.feed(deliver, { batchSize: 10, maxConcurrency: target.lightConcurrency });

    allowDatabase(
      database,
      ...[create, list, remove, replaceSecret, listDeliveries, test, sendAgain, deliver],
    );
  }
}

/** Lets functions send what the outbox holds, after they changed what others are told of. */
export function allowAnnouncing(
  { webhookQueue }: Pick<Resources, "webhookQueue">,
  ...functions: readonly ServiceFunction[]
): void {
  for (const each of functions) {
    each.addEnvironment("WEBHOOK_QUEUE_URL", webhookQueue.queue.queueUrl);
    each.allow(sendingTo(webhookQueue.queue));
  }
}
