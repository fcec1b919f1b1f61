import type { OutgoingMessage } from "../sqs/index.ts";
import { type MessageAttributes, type PublishedMessage, textFor } from "./message.ts";
import type { Subscription } from "./subscription.ts";

/** Nobody here has the key of SNS: a signature that pretends would be found out by whoever checks it. */
const SIGNATURE = "unsigned";

/**
 * A message as a queue gets it: raw, or in the envelope of
 * https://docs.aws.amazon.com/sns/latest/dg/sns-message-and-json-formats.html#sns-http-notification
 */
export function queueMessage(
  message: PublishedMessage,
  subscription: Subscription,
  endpoint: string,
): OutgoingMessage {
  const text = textFor(message, "sqs");
  if (subscription.settings.rawDelivery) return { body: text, attributes: message.attributes };
  const { subject, attributes } = message;
  const envelope = {
    Type: "Notification",
    MessageId: message.messageId,
    TopicArn: message.topicArn,
    ...(subject !== undefined && { Subject: subject }),
    Message: text,
    Timestamp: new Date(message.publishedAt).toISOString(),
    SignatureVersion: "1",
    Signature: SIGNATURE,
    SigningCertURL: certificateUrl(endpoint),
    UnsubscribeURL: unsubscribeUrl(endpoint, subscription),
    ...(Object.keys(attributes).length > 0 && { MessageAttributes: shown(attributes) }),
  };
  return { body: JSON.stringify(envelope, undefined, 2) };
}

/** A message as a function gets it: https://docs.aws.amazon.com/lambda/latest/dg/with-sns.html */
export function functionEvent(
  message: PublishedMessage,
  subscription: Subscription,
  endpoint: string,
): string {
  return JSON.stringify({
    Records: [
      {
        EventSource: "aws:sns",
        EventVersion: "1.0",
        EventSubscriptionArn: subscription.arn,
        Sns: {
          Type: "Notification",
          MessageId: message.messageId,
          TopicArn: message.topicArn,
          Subject: message.subject ?? null,
          Message: textFor(message, "lambda"),
          Timestamp: new Date(message.publishedAt).toISOString(),
          SignatureVersion: "1",
          Signature: SIGNATURE,
          SigningCertUrl: certificateUrl(endpoint),
          UnsubscribeUrl: unsubscribeUrl(endpoint, subscription),
          MessageAttributes: shown(message.attributes),
        },
      },
    ],
  });
}

function shown(attributes: MessageAttributes) {
  return Object.fromEntries(
    Object.entries(attributes).map(([name, { DataType, StringValue, BinaryValue }]) => [
      name,
      { Type: DataType, Value: StringValue ?? BinaryValue ?? "" },
    ]),
  );
}

function certificateUrl(endpoint: string): string {
  return `${endpoint}/SimpleNotificationService-${SIGNATURE}.pem`;
}

function unsubscribeUrl(endpoint: string, { arn }: Subscription): string {
  return `${endpoint}/?Action=Unsubscribe&SubscriptionArn=${arn}`;
}
