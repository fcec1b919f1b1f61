import { BatchProcessor, EventType, processPartialResponse } from "@aws-lambda-powertools/batch";
import type { Logger } from "@aws-lambda-powertools/logger";
import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from "aws-lambda";
import PQueue from "p-queue";
import type { z } from "zod";
import { errorFields } from "../logging.ts";
import { parseMessage } from "../messages/parse-message.ts";
import { type Redelivery, redeliveryDelay } from "./redelivery.ts";

/** Time kept back of the function's own, to report what failed. */
const reserveMs = 1_000;

export interface SqsContract<S extends z.ZodType> {
  readonly logger: Logger;
  /** Of the JSON in the message's body. A message that does not fit fails, and ends in the DLQ. */
  readonly message: S;
  /** Messages of one batch worked on at a time; default 1. */
  readonly concurrency?: number;
  readonly correlationIdOf?: (message: z.output<S>) => string | undefined;
  readonly redelivery: Redelivery;
}

export interface SqsDelivery {
  /** Writes the message's id and correlation id into each line. */
  readonly logger: Logger;
  readonly messageId: string;
  /** How often SQS delivered this message, from 1. */
  readonly receiveCount: number;
  /** Aborted shortly before the function's time is over. */
  readonly signal: AbortSignal;
}

/** Thrown by a consumer that is not done with a message and knows when to look at it again. */
export class ComeAgain extends Error {
  override readonly name = "ComeAgain";
  readonly delaySeconds: number;

  /** @param delaySeconds whole, at most the twelve hours of SQS */
  constructor(reason: string, delaySeconds: number) {
    super(reason);
    this.delaySeconds = delaySeconds;
  }
}

/**
 * A consumer of a queue, for an event source mapping with ReportBatchItemFailures: messages that
 * throw come again, those that succeed are gone.
 */
export const sqsHandler =
  <S extends z.ZodType>(
    contract: SqsContract<S>,
    consume: (message: z.output<S>, delivery: SqsDelivery) => Promise<void>,
  ) =>
  async (event: SQSEvent, context: Context): Promise<SQSBatchResponse> => {
    const queue = new PQueue({ concurrency: contract.concurrency ?? 1 });
    const signal = AbortSignal.timeout(Math.max(0, context.getRemainingTimeInMillis() - reserveMs));

    const setNextDelivery = async (record: SQSRecord, logger: Logger, error: unknown) => {
      const receiveCount = Number(record.attributes.ApproximateReceiveCount);
      const delaySeconds =
        error instanceof ComeAgain
          ? error.delaySeconds
          : redeliveryDelay(receiveCount, Math.random());
      try {
        await contract.redelivery(record, delaySeconds);
      } catch (failure) {
        // The message comes all the same, when its visibility timeout is over.
        logger.warn("The time of the next delivery could not be set", errorFields(failure));
      }
    };

    const consumeRecord = async (record: SQSRecord) => {
      const logger = contract.logger.createChild({
        persistentKeys: { message_id: record.messageId, request_id: context.awsRequestId },
      });
      try {
        const message = parseMessage(contract.message, record.body);
        const correlationId = contract.correlationIdOf?.(message);
        if (correlationId !== undefined) logger.appendKeys({ correlation_id: correlationId });
        await consume(message, {
          logger,
          messageId: record.messageId,
          receiveCount: Number(record.attributes.ApproximateReceiveCount),
          signal,
        });
      } catch (error) {
        if (error instanceof ComeAgain) {
          logger.info(error.message, { delay_seconds: error.delaySeconds });
        } else {
          logger.error("Message failed", errorFields(error));
        }
        await setNextDelivery(record, logger, error);
        throw error;
      }
    };

    return processPartialResponse(
      event,
      (record: SQSRecord) => queue.add(() => consumeRecord(record)),
      new BatchProcessor(EventType.SQS),
      { processInParallel: true, throwOnFullBatchFailure: false },
    );
  };
