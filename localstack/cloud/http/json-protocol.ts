import type { z } from "zod";
import { AwsError } from "../aws-error.ts";
import type { AwsExchange } from "../service.ts";

export interface JsonProtocol<Name extends string> {
  /** What `X-Amz-Target` has before the action's name, for example `AWSEvents`. */
  readonly targetPrefix: string;
  readonly requests: Readonly<Record<Name, z.ZodType>>;
  /** The one of a name takes what the schema of that name gives. */
  readonly actions: Readonly<Record<Name, (input: never) => object>>;
  readonly maxBodyBytes: number;
  /** The service's own error for a request that is not valid. */
  readonly invalid: (problems: string) => AwsError;
}

/**
 * One exchange of the AWS JSON 1.1 protocol
 * (https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html).
 *
 * @throws AwsError
 */
export async function answerJsonAction<Name extends string>(
  exchange: AwsExchange,
  protocol: JsonProtocol<Name>,
): Promise<void> {
  if (exchange.identity.kind === "anonymous") {
    throw new AwsError("MissingAuthenticationTokenException", "Missing Authentication Token", 403);
  }
  const action = actionName(exchange, protocol);
  const json = await exchange.body(protocol.maxBodyBytes);
  const input = parse(protocol.requests[action], json, protocol.invalid);
  // One lookup by name: the compiler cannot see that schema and action belong together.
  const act = protocol.actions[action] as (input: unknown) => object;
  const body = JSON.stringify(act(input));
  exchange.response.writeHead(200, {
    "content-type": "application/x-amz-json-1.1",
    "content-length": Buffer.byteLength(body),
  });
  exchange.response.end(body);
}

function actionName<Name extends string>(
  { request }: AwsExchange,
  { requests, targetPrefix }: JsonProtocol<Name>,
): Name {
  const target = String(request.headers["x-amz-target"] ?? "");
  const prefix = `${targetPrefix}.`;
  const name = target.startsWith(prefix) ? target.slice(prefix.length) : target;
  if (Object.hasOwn(requests, name)) return name as Name;
  throw new AwsError(
    "UnknownOperationException",
    `The action ${name.slice(0, 80)} is not one of: ${Object.keys(requests).join(", ")}.`,
  );
}

function parse(schema: z.ZodType, body: Buffer, invalid: JsonProtocol<string>["invalid"]): unknown {
  let json: unknown;
  try {
    json = JSON.parse(body.toString("utf8") || "{}");
  } catch {
    throw new AwsError("SerializationException", "The request body is not JSON.");
  }
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  // Where and what, never the value: it may be a secret.
  const problems = parsed.error.issues.map((issue) =>
    issue.path.length > 0 ? `${issue.path.join(".")}: ${issue.message}` : issue.message,
  );
  throw invalid(problems.join("; "));
}
