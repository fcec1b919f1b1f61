import { randomUUID } from "node:crypto";
import { z } from "zod";
import { AwsError } from "../aws-error.ts";
import type { CloudContext } from "../context.ts";
import { batchError, invalidValue, unsupported } from "./errors.ts";
import type { MessageStore } from "./message-store.ts";
import { digests, type Messages, type OutgoingMessage, type ReceivedMessage } from "./messages.ts";
import type { Queue, QueueRegistry } from "./queue-registry.ts";
import { defaultAttributes } from "./queue-settings.ts";
import { batchEntries, type MessageAttributes, type requests } from "./requests.ts";

type Requests = typeof requests;
export type ActionName = keyof Requests;

interface Parts {
  readonly context: CloudContext;
  readonly store: MessageStore;
  readonly queues: QueueRegistry;
  readonly messages: Messages;
}

interface BatchEntry {
  readonly Id: string;
}

/** One function per action: parsed request in, answer of the JSON protocol out. */
export function sqsActions({ context, store, queues, messages }: Parts): {
  [Name in ActionName]: (input: z.infer<Requests[Name]>, signal: AbortSignal) => unknown;
} {
  return {
    CreateQueue: ({ QueueName, Attributes }) => ({
      QueueUrl: queues.urlOf(queues.create(QueueName, Attributes ?? {}).name),
    }),
    GetQueueUrl: ({ QueueName }) => ({ QueueUrl: queues.urlOf(queues.byName(QueueName).name) }),
    GetQueueAttributes({ QueueUrl, AttributeNames }) {
      const queue = queues.byUrl(QueueUrl);
      messages.expire(queue);
      const all = describe(queue, store.counts(queue.name, context.clock.now()));
      const wanted = new Set(AttributeNames ?? []);
      return {
        Attributes: wanted.has("All")
          ? all
          : Object.fromEntries(Object.entries(all).filter(([name]) => wanted.has(name))),
      };
    },
    SetQueueAttributes({ QueueUrl, Attributes }) {
      queues.change(queues.byUrl(QueueUrl).name, Attributes);
      return {};
    },
    ListQueues: ({ QueueNamePrefix, ...paging }) =>
      page(
        queues.all().filter((queue) => queue.name.startsWith(QueueNamePrefix ?? "")),
        paging,
        (urls, NextToken) => ({ ...(urls.length > 0 && { QueueUrls: urls }), ...NextToken }),
      ),
    ListDeadLetterSourceQueues({ QueueUrl, ...paging }) {
      const sources = sourcesOf(queues.byUrl(QueueUrl));
      return page(sources, paging, (urls, NextToken) => ({ queueUrls: urls, ...NextToken }));
    },
    DeleteQueue({ QueueUrl }) {
      const { name } = queues.byUrl(QueueUrl);
      queues.delete(name);
      return {};
    },
    PurgeQueue({ QueueUrl }) {
      messages.purge(queues.byUrl(QueueUrl));
      return {};
    },
    SendMessage({ QueueUrl, ...input }) {
      const message = outgoing(input);
      const [sent] = messages.send(queues.byUrl(QueueUrl), [message]);
      return sentAnswer(message, sent?.messageId ?? "");
    },
    SendMessageBatch({ QueueUrl, Entries }) {
      const queue = queues.byUrl(QueueUrl);
      checkEntries(Entries);
      const { good, Failed } = sort(Entries, batchEntries.send);
      const batch = good.map(outgoing);
      const sent = batch.length > 0 ? messages.send(queue, batch) : [];
      const Successful = good.map((entry, index) => ({
        Id: entry.Id,
        ...sentAnswer(outgoing(entry), sent[index]?.messageId ?? ""),
      }));
      return { Successful, ...(Failed.length > 0 && { Failed }) };
    },
    async ReceiveMessage(input, signal) {
      const queue = queues.byUrl(input.QueueUrl);
      const received = await messages.receiveWithin(
        queue,
        { max: input.MaxNumberOfMessages, visibilitySeconds: input.VisibilityTimeout },
        input.WaitTimeSeconds ?? queue.settings.receiveWait,
        signal,
      );
      if (received.length === 0) return {};
      const system = [
        ...(input.AttributeNames ?? []),
        ...(input.MessageSystemAttributeNames ?? []),
      ];
      return {
        Messages: received.map((message) =>
          receivedAnswer(message, system, input.MessageAttributeNames ?? [], context.accountId),
        ),
      };
    },
    DeleteMessage({ QueueUrl, ReceiptHandle }) {
      messages.delete(queues.byUrl(QueueUrl), ReceiptHandle);
      return {};
    },
    DeleteMessageBatch({ QueueUrl, Entries }) {
      const queue = queues.byUrl(QueueUrl);
      return context.transaction(() =>
        each(Entries, batchEntries.delete, (entry) => messages.delete(queue, entry.ReceiptHandle)),
      );
    },
    ChangeMessageVisibility({ QueueUrl, ReceiptHandle, VisibilityTimeout }) {
      messages.changeVisibility(queues.byUrl(QueueUrl), ReceiptHandle, VisibilityTimeout);
      return {};
    },
    ChangeMessageVisibilityBatch({ QueueUrl, Entries }) {
      const queue = queues.byUrl(QueueUrl);
      return each(Entries, batchEntries.changeVisibility, (entry) =>
        messages.changeVisibility(queue, entry.ReceiptHandle, entry.VisibilityTimeout),
      );
    },
    StartMessageMoveTask({ SourceArn, DestinationArn }) {
      const source = queues.byArn(SourceArn);
      if (sourcesOf(source).length === 0) {
        throw unsupported("Source queue must be configured as a Dead Letter Queue.");
      }
      const moved = messages.moveBack(
        source,
        DestinationArn === undefined ? undefined : queues.byArn(DestinationArn),
      );
      context.log("info", "moved dead letters back", { queue: source.name, messages: moved });
      return { TaskHandle: Buffer.from(`${SourceArn}/${randomUUID()}`).toString("base64") };
    },
  };

  function sourcesOf(deadLetters: Queue): Queue[] {
    return queues
      .all()
      .filter(({ settings }) => settings.redrive?.deadLetterTargetArn === deadLetters.arn);
  }

  function page<T>(
    found: readonly Queue[],
    { MaxResults, NextToken }: { MaxResults?: number | undefined; NextToken?: string | undefined },
    answer: (urls: string[], NextToken: { NextToken?: string }) => T,
  ): T {
    const after = NextToken === undefined ? "" : Buffer.from(NextToken, "base64url").toString();
    const left = found.filter((queue) => queue.name > after);
    const shown = left.slice(0, MaxResults ?? 1000);
    const last = shown.at(-1);
    const more = MaxResults !== undefined && last !== undefined && shown.length < left.length;
    return answer(
      shown.map((queue) => queues.urlOf(queue.name)),
      more ? { NextToken: Buffer.from(last.name).toString("base64url") } : {},
    );
  }
}

function describe(
  queue: Queue,
  counts: { visible: number; in_flight: number; delayed: number },
): Record<string, string> {
  return {
    ...defaultAttributes,
    ...queue.attributes,
    QueueArn: queue.arn,
    ApproximateNumberOfMessages: String(counts.visible),
    ApproximateNumberOfMessagesNotVisible: String(counts.in_flight),
    ApproximateNumberOfMessagesDelayed: String(counts.delayed),
    CreatedTimestamp: String(Math.floor(queue.createdAt / 1000)),
    LastModifiedTimestamp: String(Math.floor(queue.modifiedAt / 1000)),
  };
}

function outgoing(input: {
  MessageBody: string;
  MessageAttributes?: MessageAttributes | undefined;
  DelaySeconds?: number | undefined;
}): OutgoingMessage {
  return {
    body: input.MessageBody,
    attributes: input.MessageAttributes,
    delaySeconds: input.DelaySeconds,
  };
}

function sentAnswer(message: OutgoingMessage, messageId: string) {
  const md5 = digests(message.body, message.attributes ?? {});
  return {
    MessageId: messageId,
    MD5OfMessageBody: md5.body,
    ...(md5.attributes !== undefined && { MD5OfMessageAttributes: md5.attributes }),
  };
}

/** Attributes as event source mappings and ReceiveMessage show them. */
export function systemAttributes(message: ReceivedMessage, senderId: string) {
  return {
    ApproximateReceiveCount: String(message.receiveCount),
    SentTimestamp: String(message.sentAt),
    SenderId: senderId,
    ApproximateFirstReceiveTimestamp: String(message.firstReceivedAt),
    ...(message.deadLetterSource !== undefined && {
      DeadLetterQueueSourceArn: message.deadLetterSource,
    }),
  };
}

function receivedAnswer(
  message: ReceivedMessage,
  system: readonly string[],
  attributeNames: readonly string[],
  senderId: string,
) {
  const shownSystem = Object.entries(systemAttributes(message, senderId)).filter(
    ([name]) => system.includes("All") || system.includes(name),
  );
  const shown = Object.fromEntries(
    Object.entries(message.attributes).filter(([name]) =>
      attributeNames.some(
        (wanted) =>
          wanted === name ||
          wanted === "All" ||
          (wanted.endsWith(".*") && name.startsWith(wanted.slice(0, -2))),
      ),
    ),
  );
  const md5 = digests(message.body, shown);
  return {
    MessageId: message.messageId,
    ReceiptHandle: message.receiptHandle,
    Body: message.body,
    MD5OfBody: md5.body,
    ...(md5.attributes !== undefined && {
      MessageAttributes: shown,
      MD5OfMessageAttributes: md5.attributes,
    }),
    ...(shownSystem.length > 0 && { Attributes: Object.fromEntries(shownSystem) }),
  };
}

function checkEntries(entries: readonly BatchEntry[]): void {
  if (entries.length === 0) {
    throw batchError("EmptyBatchRequest", "There should be at least one entry in the request.");
  }
  if (entries.length > 10) {
    throw batchError(
      "TooManyEntriesInBatchRequest",
      "Maximum number of entries per request are 10.",
    );
  }
  const ids = new Set(entries.map((entry) => entry.Id));
  if (ids.size < entries.length) {
    throw batchError("BatchEntryIdsNotDistinct", "Two or more batch entries have the same Id.");
  }
}

function sort<T>(entries: readonly BatchEntry[], schema: z.ZodType<T>) {
  const good: T[] = [];
  const Failed: ReturnType<typeof failure>[] = [];
  for (const entry of entries) {
    const parsed = schema.safeParse(entry);
    if (parsed.success) good.push(parsed.data);
    else Failed.push(failure(entry.Id, invalidValue(z.prettifyError(parsed.error))));
  }
  return { good, Failed };
}

function each<T extends BatchEntry>(
  entries: readonly BatchEntry[],
  schema: z.ZodType<T>,
  act: (entry: T) => void,
) {
  checkEntries(entries);
  const { good, Failed } = sort(entries, schema);
  const Successful: BatchEntry[] = [];
  for (const entry of good) {
    try {
      act(entry);
      Successful.push({ Id: entry.Id });
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      Failed.push(failure(entry.Id, error));
    }
  }
  return { Successful, ...(Failed.length > 0 && { Failed }) };
}

function failure(id: string, error: AwsError) {
  return { Id: id, SenderFault: true, Code: error.code, Message: error.message };
}
