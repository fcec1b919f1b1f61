import type { Logger } from "@aws-lambda-powertools/logger";
import middy from "@middy/core";
import type { APIGatewayProxyEvent, APIGatewayProxyResult } from "aws-lambda";
import { z } from "zod";
import { DomainError } from "../errors.ts";
import { errorFields } from "../logging.ts";
import { problemOf } from "./problem.ts";
import { parseJsonBody, parsePart } from "./request-parts.ts";

/** What a handler demands of a request and promises of its answer. */
export interface HttpContract<
  P extends z.ZodType,
  Q extends z.ZodType,
  H extends z.ZodType,
  B extends z.ZodType,
  A extends z.ZodType,
> {
  readonly logger: Logger;
  /** Path parameters. Default: none allowed. */
  readonly params?: P;
  /** Query string; a repeated parameter is refused. Default: none allowed. */
  readonly query?: Q;
  /** By lower-case name, not strict: others pass by. */
  readonly headers?: H;
  /** JSON. Default: none, or an empty object. */
  readonly body?: B;
  /** Of a success. Default: an answer without a body. */
  readonly answer?: A;
}

export interface HttpRequest<P, Q, H, B> {
  /** The token's `sub`. */
  readonly owner: string;
  readonly correlationId: string;
  readonly params: P;
  readonly query: Q;
  readonly headers: H;
  readonly body: B;
  /** `http` or `https`, as the viewer sent it, as far as the proxies in front say so. */
  readonly viewerProtocol: string;
}

export interface HttpAnswer<A> {
  readonly status: number;
  readonly body?: A;
  /** Whole `Set-Cookie` values. */
  readonly cookies?: readonly string[];
  /** Where to go on, of a redirection. */
  readonly location?: string;
}

/** Who is asking, and what every answer carries. */
interface Access {
  readonly identify: (event: APIGatewayProxyEvent) => string;
  readonly headers: Readonly<Record<string, string>>;
}
const ownerOnly: Access = { identify: (event) => ownerOf(event), headers: {} };

const nothing = z.strictObject({});
const anything = z.object({});
const noBody = z.undefined();
/** Many clients send an empty object with every POST. */
const emptyBody = z.union([noBody, nothing]);

/**
 * A function behind API Gateway (REST, proxy integration): parses every part of the request by
 * schema, runs `act`, checks its answer by schema, and turns errors into RFC 9457 problem details.
 */
export const httpHandler = <
  P extends z.ZodType = typeof nothing,
  Q extends z.ZodType = typeof nothing,
  H extends z.ZodType = typeof anything,
  B extends z.ZodType = typeof emptyBody,
  A extends z.ZodType = typeof noBody,
>(
  contract: HttpContract<P, Q, H, B, A>,
  act: (
    request: HttpRequest<z.output<P>, z.output<Q>, z.output<H>, z.output<B>>,
  ) => Promise<HttpAnswer<z.input<A>>>,
  { identify, headers: always }: Access = ownerOnly,
) => {
  const { logger } = contract;

  const answer = async (event: APIGatewayProxyEvent): Promise<APIGatewayProxyResult> => {
    const headers = lowerCaseNames(event.headers);
    const { status, body, cookies, location } = await act({
      owner: identify(event),
      correlationId: correlationIdOf(event),
      params: parsePart("path", contract.params ?? nothing, event.pathParameters ?? {}),
      query: parsePart("query", contract.query ?? nothing, singleValues(event)),
      headers: parsePart("headers", contract.headers ?? anything, headers),
      body: parsePart("body", contract.body ?? emptyBody, parseJsonBody(event, headers)),
      viewerProtocol:
        headers["cloudfront-forwarded-proto"] ?? headers["x-forwarded-proto"] ?? "https",
    } as HttpRequest<z.output<P>, z.output<Q>, z.output<H>, z.output<B>>);
    const checked = (contract.answer ?? noBody).parse(body);
    return {
      statusCode: status,
      headers: {
        ...(checked !== undefined && { "content-type": "application/json" }),
        ...(location !== undefined && { location }),
      },
      ...(cookies ? { multiValueHeaders: { "set-cookie": [...cookies] } } : {}),
      body: checked === undefined ? "" : JSON.stringify(checked),
    };
  };

  // middy runs `after` and `onError` from the last to the first: the outermost adds the headers.
  return middy<APIGatewayProxyEvent, APIGatewayProxyResult>()
    .use(correlation(logger, always))
    .use({ onError: (request) => answerProblem(logger, request) })
    .handler(answer);
};

/**
 * The same behind a route that asks for no token: whatever `act` answers, anybody may read, also the
 * scripts of any page.
 */
export const openHttpHandler = <P extends z.ZodType, A extends z.ZodType = typeof noBody>(
  contract: Pick<HttpContract<P, never, never, never, A>, "logger" | "params" | "answer">,
  act: (request: { readonly params: z.output<P> }) => Promise<HttpAnswer<z.input<A>>>,
) => {
  const { logger, params, answer } = contract;
  const parts = { logger, ...(params && { params }), ...(answer && { answer }) };
  return httpHandler(
    parts as HttpContract<P, typeof nothing, typeof anything, typeof emptyBody, A>,
    act,
    // Fetch standard, "CORS protocol"; without credentials, since none are asked for.
    { identify: () => "", headers: { "access-control-allow-origin": "*" } },
  );
};

type ApiRequest = middy.Request<APIGatewayProxyEvent, APIGatewayProxyResult>;

/** One id from the request to the last log line about it. */
const correlation = (
  logger: Logger,
  always: Access["headers"],
): middy.MiddlewareObj<APIGatewayProxyEvent, APIGatewayProxyResult> => {
  const finish = ({ event, response }: ApiRequest) => {
    if (!response) return;
    response.headers = {
      ...response.headers,
      ...always,
      "cache-control": "no-store",
      "x-correlation-id": correlationIdOf(event),
    };
    logger.info("Answered", {
      method: event.httpMethod,
      resource: event.resource,
      status: response.statusCode,
    });
  };
  return {
    before: ({ event, context }) => {
      logger.resetKeys();
      logger.addContext(context);
      logger.appendKeys({
        correlation_id: correlationIdOf(event),
        api_request_id: event.requestContext.requestId,
      });
    },
    after: finish,
    onError: finish,
  };
};

const answerProblem = (logger: Logger, request: ApiRequest) => {
  const problem = problemOf(request.error, request.event.requestContext.requestId);
  if (request.error instanceof DomainError) {
    logger.info("Request refused", { code: problem.code, status: problem.status });
  } else {
    logger.error("Request failed", errorFields(request.error));
  }
  request.response = {
    statusCode: problem.status,
    headers: {
      "content-type": "application/problem+json",
      ...(problem.code === "unavailable" ? { "retry-after": "2" } : {}),
    },
    body: JSON.stringify(problem),
  };
};

const lowerCaseNames = (headers: APIGatewayProxyEvent["headers"] | null) =>
  Object.fromEntries(
    Object.entries(headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]),
  );

/** The caller's own id when it is harmless in a log, else the one API Gateway made. */
const correlationIdOf = (event: APIGatewayProxyEvent): string => {
  const given = lowerCaseNames(event.headers)["x-correlation-id"];
  return given !== undefined && /^[\w.:-]{1,128}$/.test(given)
    ? given
    : event.requestContext.requestId;
};

const ownerOf = (event: APIGatewayProxyEvent): string => {
  const owner: unknown = event.requestContext.authorizer?.principalId;
  if (typeof owner === "string" && owner.length > 0) return owner;
  throw new DomainError("unauthenticated", "Send a valid token in the header Authorization.");
};

const singleValues = (event: APIGatewayProxyEvent): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(event.multiValueQueryStringParameters ?? {}).map(([name, values]) => [
      name,
      values?.length === 1 ? values[0] : values,
    ]),
  );
