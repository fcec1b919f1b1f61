import { AwsError } from "../aws-error.ts";

/** https://docs.aws.amazon.com/sns/latest/api/CommonErrors.html and the errors of each action */
export const invalidParameter = (message: string) =>
  new AwsError("InvalidParameter", `Invalid parameter: ${message}`);

export const invalidValue = (message: string) => new AwsError("ParameterValueInvalid", message);

export const notFound = (what: "Topic" | "Subscription") =>
  new AwsError("NotFound", `${what} does not exist`, 404);

export const resourceNotFound = () =>
  new AwsError("ResourceNotFound", "Resource does not exist", 404);

export const subscriptionLimit = (most: number) =>
  new AwsError(
    "FilterPolicyLimitExceeded",
    `A topic has at most ${most} subscriptions with a filter policy.`,
    403,
  );

export const batchError = (
  code:
    | "EmptyBatchRequest"
    | "TooManyEntriesInBatchRequest"
    | "BatchEntryIdsNotDistinct"
    | "BatchRequestTooLong",
  message: string,
) => new AwsError(code, message);

/** Said wherever FIFO is asked for: by name, by attribute or by message. */
export const fifoIsUnsupported = (what: string) =>
  invalidParameter(`${what} Reason: this cloud has standard topics only, no FIFO topics.`);
