import { AwsError } from "../aws-error.ts";
import { answerJsonAction } from "../http/json-protocol.ts";
import type { AwsExchange } from "../service.ts";
import type { secretsManagerActions } from "./actions.ts";
import { requests } from "./requests.ts";

/** 64 KiB of secret, its JSON escapes included. */
const maxBodyBytes = 1024 * 1024;

/** `X-Amz-Target: secretsmanager.GetSecretValue` and its like. */
export const handleSecretsManager = (
  exchange: AwsExchange,
  actions: ReturnType<typeof secretsManagerActions>,
): Promise<void> =>
  answerJsonAction(exchange, {
    targetPrefix: "secretsmanager",
    ...{ requests, actions, maxBodyBytes },
    invalid: (problems) => new AwsError("ValidationException", problems),
  });
