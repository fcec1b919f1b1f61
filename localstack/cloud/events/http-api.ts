import type { z } from "zod";
import { AwsError } from "../aws-error.ts";
import type { AwsExchange } from "../service.ts";
import type { eventsActions } from "./actions.ts";
import { type ActionName, requests } from "./requests.ts";
import { invalid } from "./rule.ts";

/** A hundred targets with 8 KiB of input each, their JSON escapes included. */
const MAX_BODY_BYTES = 2 * 1_048_576;

/** AWS JSON 1.1: `X-Amz-Target: AWSEvents.PutRule`. */
export async function handleEvents(
  exchange: AwsExchange,
  actions: ReturnType<typeof eventsActions>,
): Promise<void> {
  if (exchange.identity.kind === "anonymous") {
    throw new AwsError("MissingAuthenticationTokenException", "Missing Authentication Token", 403);
  }
  const action = actionName(exchange);
  const input = parse(requests[action], await exchange.body(MAX_BODY_BYTES));
  // One lookup by name: the compiler cannot see that schema and action belong together.
  const act = actions[action] as (input: unknown) => object;
  const body = JSON.stringify(act(input));
  exchange.response.writeHead(200, {
    "content-type": "application/x-amz-json-1.1",
    "content-length": Buffer.byteLength(body),
  });
  exchange.response.end(body);
}

function actionName({ request }: AwsExchange): ActionName {
  const target = String(request.headers["x-amz-target"] ?? "");
  const name = target.replace(/^AWSEvents\./, "");
  if (Object.hasOwn(requests, name)) return name as ActionName;
  throw new AwsError(
    "UnknownOperationException",
    `The action ${name.slice(0, 80)} is not one of: ${Object.keys(requests).join(", ")}.`,
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
  const problems = parsed.error.issues.map((issue) =>
    issue.path.length > 0 ? `${issue.path.join(".")}: ${issue.message}` : issue.message,
  );
  throw invalid(problems.join("; "));
}
