import { AwsError } from "../aws-error.ts";

/**
 * Codes are those of the query protocol, which every SDK still understands; `http-api.ts` writes
 * the JSON protocol's name beside them (https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/CommonErrors.html).
 */
const prefix = "AWS.SimpleQueueService.";

export const noSuchQueue = () =>
  new AwsError(`${prefix}NonExistentQueue`, "The specified queue does not exist.");

export const queueExists = (name: string, attribute: string) =>
  new AwsError(
    "QueueAlreadyExists",
    `A queue named ${name} already exists with a different value for attribute ${attribute}.`,
  );

export const receiptIsInvalid = () =>
  new AwsError("ReceiptHandleIsInvalid", "The input receipt handle is invalid.", 404);

export const notInFlight = () =>
  new AwsError(`${prefix}MessageNotInflight`, "The message referred to isn't in flight.");

export const overLimit = () =>
  new AwsError(
    "OverLimit",
    "The maximum number of in flight messages (120000) is reached: delete messages after processing them.",
    403,
  );

export const invalidValue = (message: string) => new AwsError("InvalidParameterValue", message);

export const unsupported = (message: string) =>
  new AwsError(`${prefix}UnsupportedOperation`, message);

export const batchError = (
  code:
    | "EmptyBatchRequest"
    | "TooManyEntriesInBatchRequest"
    | "BatchEntryIdsNotDistinct"
    | "BatchRequestTooLong",
  message: string,
) => new AwsError(`${prefix}${code}`, message);

/** The error's name in the JSON protocol. */
export function jsonErrorName(code: string): string {
  const short = code.startsWith(prefix) ? code.slice(prefix.length) : code;
  if (short === "NonExistentQueue") return "QueueDoesNotExist";
  if (short === "QueueAlreadyExists") return "QueueNameExists";
  return short;
}
