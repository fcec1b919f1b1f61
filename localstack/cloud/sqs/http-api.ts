import { z } from "zod";
import { AwsError } from "../aws-error.ts";
import { writeAwsError } from "../http/index.ts";
import type { AwsExchange } from "../service.ts";
import type { ActionName, sqsActions } from "./actions.ts";
import { jsonErrorName } from "./errors.ts";
import { requests } from "./requests.ts";

/** A batch of 1 MiB, its JSON escapes and base64 included. */
const MAX_BODY_BYTES = 8 * 1_048_576;

/** AWS JSON 1.0: `X-Amz-Target: AmazonSQS.SendMessage`. */
export async function handleSqs(
  exchange: AwsExchange,
  actions: ReturnType<typeof sqsActions>,
): Promise<void> {
  const gone = new AbortController();
  exchange.response.once("close", () => gone.abort());
  try {
    if (exchange.identity.kind === "anonymous") throw unsigned();
    const action = actionName(exchange);
    const input = parse(requests[action], await exchange.body(MAX_BODY_BYTES));
    // One lookup by name: the compiler cannot see that schema and action belong together.
    const act = actions[action] as (input: unknown, signal: AbortSignal) => unknown;
    const answer = await act(input, gone.signal);
    if (exchange.response.destroyed) return;
    const body = JSON.stringify(answer);
    exchange.response.writeHead(200, {
      "content-type": "application/x-amz-json-1.0",
      "content-length": Buffer.byteLength(body),
    });
    exchange.response.end(body);
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    exchange.response.setHeader("x-amzn-query-error", `${error.code};Sender`);
    const named = new AwsError(jsonErrorName(error.code), error.message, error.status);
    writeAwsError(exchange, named, "aws-json");
  }
}

const unsigned = () =>
  new AwsError("MissingAuthenticationToken", "Request is missing Authentication Token", 403);

function actionName({ request }: AwsExchange): ActionName {
  const target = request.headers["x-amz-target"];
  const name = typeof target === "string" ? target.replace(/^AmazonSQS\./, "") : "";
  if (name in requests) return name as ActionName;
  throw new AwsError(
    "InvalidAction",
    target === undefined
      ? "This cloud speaks the JSON protocol of SQS: the request has no X-Amz-Target. Use an SDK of 2023 or later."
      : `The action ${name.slice(0, 80)} is not one of: ${Object.keys(requests).join(", ")}.`,
  );
}

function parse(schema: z.ZodType, body: Buffer): unknown {
  let json: unknown;
  try {
    json = JSON.parse(body.toString("utf8") || "{}");
  } catch {
    throw new AwsError("SerializationException", "The request body is not JSON.");
  }
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  throw new AwsError("InvalidParameterValue", z.prettifyError(parsed.error));
}
