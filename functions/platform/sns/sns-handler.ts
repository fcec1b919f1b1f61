import type { Logger } from "@aws-lambda-powertools/logger";
import type { Context, SNSEvent } from "aws-lambda";
import type { z } from "zod";
import { errorFields } from "../logging.ts";
import { parseMessage } from "../messages/parse-message.ts";

/** Time kept back of the function's own, to report what failed. */
const reserveMs = 1_000;

export interface SnsContract<S extends z.ZodType> {
  readonly logger: Logger;
  /** Of the JSON in the notification. One that does not fit fails, and ends at the failure destination. */
  readonly message: S;
  readonly correlationIdOf?: (message: z.output<S>) => string | undefined;
}

export interface SnsDelivery {
  /** Writes the message's id and correlation id into each line. */
  readonly logger: Logger;
  /** Aborted shortly before the function's time is over. */
  readonly signal: AbortSignal;
}

/**
 * A function that a topic invokes, asynchronously: what throws is tried again by Lambda, which does
 * not say how often it has been.
 */
export const snsHandler =
  <S extends z.ZodType>(
    contract: SnsContract<S>,
    consume: (message: z.output<S>, delivery: SnsDelivery) => Promise<void>,
  ) =>
  async (event: SNSEvent, context: Context): Promise<void> => {
    const signal = AbortSignal.timeout(Math.max(0, context.getRemainingTimeInMillis() - reserveMs));
    for (const { Sns } of event.Records) {
      const logger = contract.logger.createChild({
        persistentKeys: { message_id: Sns.MessageId, request_id: context.awsRequestId },
      });
      try {
        const message = parseMessage(contract.message, Sns.Message);
        const correlationId = contract.correlationIdOf?.(message);
        if (correlationId !== undefined) logger.appendKeys({ correlation_id: correlationId });
        await consume(message, { logger, signal });
      } catch (error) {
        logger.error("Message failed", errorFields(error));
        throw error;
      }
    }
  };
