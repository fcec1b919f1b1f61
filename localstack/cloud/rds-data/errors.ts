import { DatabaseError } from "pg";
import type { z } from "zod";
import { AwsError } from "../aws-error.ts";

export const badRequest = (message: string): AwsError =>
  new AwsError("BadRequestException", message);

export const unsupportedResult = (message: string): AwsError =>
  new AwsError("UnsupportedResultException", message);

export const transactionNotFound = (transactionId: string): AwsError =>
  new AwsError("TransactionNotFoundException", `Transaction ${transactionId} is not found`, 404);

/** Where the request is wrong and how, without the value. */
export function invalidRequest(error: z.ZodError): AwsError {
  const problems = error.issues
    .slice(0, 5)
    .map((issue) => `${issue.path.join(".") || "request"}: ${issue.message}`);
  return new AwsError("ValidationException", problems.join("; "));
}

/** admin_shutdown, crash_shutdown, cannot_connect_now: the server stops, or is not there yet. */
const away = new Set(["57P01", "57P02", "57P03"]);

/** ERRCODE_SYNTAX_ERROR's message for two statements in one, from PostgreSQL's exec_parse_message. */
const severalStatements = "cannot insert multiple commands into a prepared statement";

/**
 * An error of PostgreSQL or of the way to it, as the Data API of Aurora Serverless v2 words it:
 * `ERROR: …; Position: 8; SQLState: 42703`.
 */
export function fromDatabase(
  error: unknown,
  positionInRequest: (position: number) => number,
): AwsError {
  if (error instanceof AwsError) return error;
  if (error instanceof DatabaseError && error.code !== undefined && !away.has(error.code)) {
    if (error.message === severalStatements)
      return new AwsError("ValidationException", "Multistatements aren't supported.");
    const position = error.position
      ? `; Position: ${positionInRequest(Number(error.position))}`
      : "";
    return new AwsError(
      "DatabaseErrorException",
      `${error.severity ?? "ERROR"}: ${error.message}${position}; SQLState: ${error.code}`,
    );
  }
  return new AwsError(
    "DatabaseUnavailableException",
    "The database did not answer; try again.",
    504,
  );
}
