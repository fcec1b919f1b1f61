import { z } from "zod";
import type { Clock } from "../clock.ts";
import type { FunctionInvoker, InvocationResult } from "../service.ts";
import { type AuthorizerAnswer, authorizerAnswer, judge } from "./authorizer-answer.ts";
import { header, methodArn, type RoutedCall } from "./call.ts";
import { withDeadline } from "./deadline.ts";
import { type Authorizer, functionArnOf } from "./definitions.ts";
import { GatewayFailure } from "./gateway-response.ts";
import { type AuthorizerContext, requestContext, requestMembers } from "./proxy-event.ts";

const authorizerTimeoutMs = 10_000;
const maxCached = 10_000;
/** The one error by which an authorizer says 401. */
const unauthorizedError = z.object({ errorMessage: z.literal("Unauthorized") });

interface Cached {
  readonly answer: AuthorizerAnswer;
  readonly until: number;
}

/** Asks Lambda authorizers, and remembers what they answered for as long as they allow. */
export class Authorization {
  readonly #functions: FunctionInvoker;
  readonly #clock: Clock;
  readonly #cache = new Map<string, Cached>();

  constructor(functions: FunctionInvoker, clock: Clock) {
    this.#functions = functions;
    this.#clock = clock;
  }

  /**
   * @returns what the authorizer says of the caller; nothing for a method that is open to all
   * @throws GatewayFailure UNAUTHORIZED, ACCESS_DENIED, AUTHORIZER_FAILURE, AUTHORIZER_CONFIGURATION_ERROR
   */
  async authorize(call: RoutedCall): Promise<AuthorizerContext | undefined> {
    if (call.method.AuthorizationType === "NONE") return undefined;
    const id = call.method.AuthorizerId ?? "";
    const authorizer = call.api.authorizers.get(id);
    if (!authorizer)
      throw new GatewayFailure("AUTHORIZER_CONFIGURATION_ERROR", {
        reason: `the API has no authorizer ${id}`,
      });

    const identity = identityOf(authorizer, call);
    const begin = this.#clock.now();
    const answer = await this.#answerFor(id, authorizer, identity, call);
    const verdict = judge(answer.policyDocument, methodArn(call));
    if (verdict === "explicit-deny")
      throw new GatewayFailure("ACCESS_DENIED", {
        message: "User is not authorized to access this resource with an explicit deny",
      });
    if (verdict === "implicit-deny") throw new GatewayFailure("ACCESS_DENIED");
    const context = Object.entries(answer.context ?? {}).flatMap(([name, value]) =>
      value === null ? [] : [[name, String(value)] as const],
    );
    return {
      ...Object.fromEntries(context),
      principalId: answer.principalId,
      integrationLatency: this.#clock.now() - begin,
    };
  }

  async #answerFor(
    id: string,
    authorizer: Authorizer,
    identity: readonly string[],
    call: RoutedCall,
  ): Promise<AuthorizerAnswer> {
    const ttlMs = authorizer.AuthorizerResultTtlInSeconds * 1000;
    // Without an identity source there is nothing to tell callers apart by.
    if (ttlMs === 0 || identity.length === 0) return this.#ask(authorizer, identity, call);
    const key = JSON.stringify([call.api.id, call.stage.StageName, id, ...identity]);
    const cached = this.#cache.get(key);
    if (cached && cached.until > this.#clock.monotonic()) return cached.answer;
    const answer = await this.#ask(authorizer, identity, call);
    this.#cache.delete(key);
    this.#cache.set(key, { answer, until: this.#clock.monotonic() + ttlMs });
    const [oldest] = this.#cache.keys();
    if (this.#cache.size > maxCached && oldest !== undefined) this.#cache.delete(oldest);
    return answer;
  }

  async #ask(
    authorizer: Authorizer,
    identity: readonly string[],
    call: RoutedCall,
  ): Promise<AuthorizerAnswer> {
    const event =
      authorizer.Type === "TOKEN"
        ? { type: "TOKEN", authorizationToken: identity[0], methodArn: methodArn(call) }
        : {
            type: "REQUEST",
            methodArn: methodArn(call),
            ...requestMembers(call),
            requestContext: requestContext(call),
          };
    const result = await this.#invoke(authorizer, event);
    const payload: unknown = parseJson(result.payload);
    if (result.functionError !== undefined) {
      if (unauthorizedError.safeParse(payload).success) throw new GatewayFailure("UNAUTHORIZED");
      throw new GatewayFailure("AUTHORIZER_FAILURE", {
        reason: `the authorizer ${authorizer.Name} failed (${result.functionError})`,
      });
    }
    const parsed = authorizerAnswer.safeParse(payload);
    if (parsed.success) return parsed.data;
    const places = parsed.error.issues.map((issue) => issue.path.join(".") || "answer");
    throw new GatewayFailure("AUTHORIZER_CONFIGURATION_ERROR", {
      reason: `the answer of the authorizer ${authorizer.Name} is not a policy: ${places.join(", ")}`,
    });
  }

  async #invoke(authorizer: Authorizer, event: unknown): Promise<InvocationResult> {
    const invocation = this.#functions.invoke(
      functionArnOf(authorizer.AuthorizerUri),
      Buffer.from(JSON.stringify(event)),
    );
    try {
      return await withDeadline(
        this.#clock,
        authorizerTimeoutMs,
        invocation,
        () => new Error(`no answer within ${authorizerTimeoutMs / 1000} s`),
      );
    } catch (error) {
      throw new GatewayFailure("AUTHORIZER_FAILURE", {
        reason: `the authorizer ${authorizer.Name}: ${error instanceof Error ? error.message : String(error)}`,
      });
    }
  }
}

/** The values that identify the caller. @throws GatewayFailure UNAUTHORIZED when one is missing */
function identityOf(authorizer: Authorizer, call: RoutedCall): readonly string[] {
  const values = (authorizer.IdentitySource ?? "")
    .split(",")
    .map((source) => source.trim())
    .filter(Boolean)
    .map((source) => identityValue(source, call));
  if (values.some((value) => value === undefined || value === ""))
    throw new GatewayFailure("UNAUTHORIZED");
  const present = values.filter((value) => value !== undefined);
  if (authorizer.Type === "TOKEN" && authorizer.IdentityValidationExpression !== undefined) {
    const expression = new RegExp(authorizer.IdentityValidationExpression);
    if (!expression.test(present[0] ?? "")) throw new GatewayFailure("UNAUTHORIZED");
  }
  return present;
}

function identityValue(source: string, call: RoutedCall): string | undefined {
  const name = source.slice(source.lastIndexOf(".") + 1);
  if (source.startsWith("method.request.header.")) return header(call.headers, name);
  if (source.startsWith("method.request.querystring."))
    return call.query.findLast(([each]) => each === name)?.[1];
  if (source.startsWith("stageVariables.")) return call.stage.Variables?.[name];
  return contextValue(source.slice("context.".length), call);
}

function contextValue(path: string, call: RoutedCall): string | undefined {
  let value: unknown = requestContext(call);
  for (const name of path.split(".")) {
    if (typeof value !== "object" || value === null) return undefined;
    value = new Map(Object.entries(value)).get(name);
  }
  return typeof value === "string" || typeof value === "number" ? String(value) : undefined;
}

function parseJson(payload: Buffer): unknown {
  try {
    return JSON.parse(payload.toString("utf8"));
  } catch {
    return undefined;
  }
}
