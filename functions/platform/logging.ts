import { Logger } from "@aws-lambda-powertools/logger";

/**
 * One JSON line an event. Callers log ids, codes and counts; never a token, a signed link, a
 * cookie, a ticket or a secret.
 */
export const createLogger = (functionName: string): Logger =>
  new Logger({ serviceName: `sluice-${functionName}` });

/** What domains write their lines to; the logger is one. */
export interface Log {
  info(message: string, fields: Record<string, unknown>): void;
  warn(message: string, fields: Record<string, unknown>): void;
}

/** What is logged of an error that nobody expected. A link inside a message loses its query. */
export const errorFields = (error: unknown): Record<string, unknown> => {
  if (!(error instanceof Error)) return { reason: String(error) };
  return {
    reason: withoutQueries(error.message),
    name: error.name,
    stack: withoutQueries(error.stack ?? ""),
    ...(error.cause === undefined ? {} : { cause: errorFields(error.cause) }),
  };
};

const withoutQueries = (text: string) => text.replace(/(https?:\/\/[^\s?"']+)\?[^\s"']*/g, "$1?…");
