import type { z } from "zod";
import { AwsError } from "../aws-error.ts";
import { writeAwsError } from "../http/index.ts";
import type { AwsExchange } from "../service.ts";
import type { snsActions } from "./actions.ts";
import { invalidParameter } from "./errors.ts";
import { type AnswerValue, readQuery, writeQueryAnswer } from "./query-protocol.ts";
import { type ActionName, requests } from "./requests.ts";

/** 256 KiB of message, its form encoding and its attributes' names included. */
const MAX_BODY_BYTES = 4 * 1_048_576;
const VERSION = "2010-03-31";

/** AWS Query: a form with `Action=Publish`, answered in XML. */
export async function handleSns(
  exchange: AwsExchange,
  actions: ReturnType<typeof snsActions>,
): Promise<void> {
  try {
    if (exchange.identity.kind === "anonymous") {
      throw new AwsError(
        "MissingAuthenticationToken",
        "Request is missing Authentication Token",
        403,
      );
    }
    const body = (await exchange.body(MAX_BODY_BYTES)).toString("utf8");
    const { Action, Version, ...parameters } = readQuery(body || exchange.url.search.slice(1));
    const action = actionName(Action, Version);
    const input = parse(requests[action], parameters);
    // One lookup by name: the compiler cannot see that schema and action belong together.
    const act = actions[action] as (input: unknown) => { [name: string]: AnswerValue } | undefined;
    const answer = writeQueryAnswer(action, act(input), exchange.requestId);
    exchange.response.writeHead(200, {
      "content-type": "text/xml",
      "content-length": Buffer.byteLength(answer),
    });
    exchange.response.end(answer);
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    writeAwsError(exchange, error, "query");
  }
}

function actionName(action: unknown, version: unknown): ActionName {
  if (version !== undefined && version !== VERSION) {
    throw new AwsError("InvalidAction", `The version of the API is ${VERSION}.`);
  }
  if (typeof action === "string" && Object.hasOwn(requests, action)) return action as ActionName;
  throw new AwsError(
    "InvalidAction",
    `The action ${String(action).slice(0, 80)} is not one of: ${Object.keys(requests).join(", ")}.`,
  );
}

function parse(schema: z.ZodType, parameters: unknown): unknown {
  const parsed = schema.safeParse(parameters);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const where = issue?.path.join(".");
  throw invalidParameter(`${where ? `${where} Reason: ` : ""}${issue?.message}`);
}
