import {
  AnswerError,
  PartRefusedError,
  ProblemError,
  SourceChangedError,
  StreamLengthError,
  UnreachableError,
} from "@sluice/client";
import { isExplained } from "../errors.ts";

/** The stable code of whatever stopped a file; `failed` for what has no better name. */
export function failureCode(error: unknown): string {
  if (error instanceof ProblemError || error instanceof StreamLengthError) return error.code;
  if (error instanceof UnreachableError || error instanceof AnswerError) return "unreachable";
  if (error instanceof PartRefusedError) return "part-refused";
  if (error instanceof SourceChangedError) return "source-changed";
  if (isExplained(error)) return error.code;
  if (isSystemError(error)) return "file-unreadable";
  return "failed";
}

/** One sentence, with the fields that the server found wrong. */
export function failureMessage(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (!(error instanceof ProblemError)) return error.message;
  if (error.code === "unauthenticated") {
    return "The token was refused: it has expired, or is none of this Sluice's; SLUICE_TOKEN or --token-file takes a new one.";
  }
  const fields = (error.problem.errors ?? []).map(({ path, message }) => `${path}: ${message}`);
  return [error.detail, ...fields].join(" ");
}

/** ENOENT, EACCES, EIO …: of the file system, since the network's errors are wrapped. */
function isSystemError(error: unknown): boolean {
  return error instanceof Error && "syscall" in error && "code" in error;
}
