import { AnswerError, ProblemError, UnreachableError } from "@sluice/client";
import { isExplained } from "../errors.ts";

/** What `npx sluice` ends with; scripts rely on it (docs/cli.md). */
export const exitCodes = {
  ok: 0,
  /** What was asked for did not work: a video failed, a check found something missing. */
  failed: 1,
  /** The command line or a file on it is not what it should be. */
  usage: 2,
  unreachable: 3,
  notFound: 4,
  /** The token is missing, was refused, or does not allow it. */
  unauthorized: 5,
  /** 128 + SIGINT, as shells have it. */
  interrupted: 130,
} as const;

const byCode: Readonly<Record<string, number>> = {
  "invalid-arguments": exitCodes.usage,
  "file-unreadable": exitCodes.usage,
  "nothing-to-upload": exitCodes.usage,
  "confirmation-missing": exitCodes.usage,
  "video-ambiguous": exitCodes.usage,
  "not-running": exitCodes.unreachable,
  "not-sluice": exitCodes.unreachable,
  unreachable: exitCodes.unreachable,
  timeout: exitCodes.unreachable,
  unavailable: exitCodes.unreachable,
  "not-found": exitCodes.notFound,
  "token-missing": exitCodes.unauthorized,
  unauthenticated: exitCodes.unauthorized,
  forbidden: exitCodes.unauthorized,
};

export function exitCodeOf(code: string): number {
  return byCode[code] ?? exitCodes.failed;
}

/** Whether an error is one that a sentence explains, rather than a fault of ours. */
export function isExpected(error: unknown): error is Error {
  return (
    isExplained(error) ||
    error instanceof ProblemError ||
    error instanceof UnreachableError ||
    error instanceof AnswerError
  );
}
