import { AwsError } from "./aws-error.ts";

/** https://sqlite.org/rescode.html#full */
const sqliteFull = 13;

/** Whether a file system or SQLite refused for want of space or quota. */
export function isDiskFull(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if ("code" in error && (error.code === "ENOSPC" || error.code === "EDQUOT")) return true;
  return "errcode" in error && error.errcode === sqliteFull;
}

/** A full disk is the owner's to mend: said plainly, and with a status that clients try again. */
export function diskFull(): AwsError {
  return new AwsError(
    "ServiceUnavailable",
    "The disk that holds the data directory is full, so nothing was stored. Free some space and try again.",
    503,
  );
}
