import { answerJsonAction } from "../http/json-protocol.ts";
import type { AwsExchange } from "../service.ts";
import type { eventsActions } from "./actions.ts";
import { requests } from "./requests.ts";
import { invalid } from "./rule.ts";

/** A hundred targets with 8 KiB of input each, their JSON escapes included. */
const maxBodyBytes = 2 * 1_048_576;

/** `X-Amz-Target: AWSEvents.PutRule` and its like. */
export const handleEvents = (
  exchange: AwsExchange,
  actions: ReturnType<typeof eventsActions>,
): Promise<void> =>
  answerJsonAction(exchange, {
    targetPrefix: "AWSEvents",
    ...{ requests, actions, maxBodyBytes, invalid },
  });
