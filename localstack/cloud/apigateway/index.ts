import { AwsError } from "../aws-error.ts";
import type { CloudContext } from "../context.ts";
import type { AwsExchange, AwsService, FunctionInvoker } from "../service.ts";
import type { Answer } from "./answer.ts";
import { ApiCatalog } from "./api-catalog.ts";
import { Authorization } from "./authorization.ts";
import { type Call, destinationOf, header, makeCall, type RoutedCall } from "./call.ts";
import { withDeadline } from "./deadline.ts";
import { functionArnOf } from "./definitions.ts";
import { GatewayFailure, gatewayAnswer } from "./gateway-response.ts";
import { mockAnswer } from "./mock-integration.ts";
import { readProxyAnswer } from "./proxy-answer.ts";
import { proxyEvent } from "./proxy-event.ts";
import { apiGatewayProviders } from "./resources.ts";
import { matchResource } from "./routing.ts";
import { DefinitionStore } from "./store.ts";
import { Throttling } from "./throttling.ts";

export interface ApiGatewayOptions {
  readonly functions: FunctionInvoker;
}

/** "Payload size: 10 MB" */
const maxBodyBytes = 10 * 1024 * 1024;

/** REST APIs (v1) as the template describes them, at their AWS host names and at `/restapis/…`. */
export function createApiGatewayService(
  context: CloudContext,
  { functions }: ApiGatewayOptions,
): AwsService {
  const store = new DefinitionStore(context);
  const catalog = new ApiCatalog(store);
  const authorization = new Authorization(functions, context.clock);
  const throttling = new Throttling(context.clock);

  const answerFor = async (exchange: AwsExchange, call: Call): Promise<Answer> => {
    let routed: RoutedCall | undefined;
    try {
      routed = route(call);
      throttling.admit(routed);
      refuseLargeBody(exchange);
      const authorizer = await authorization.authorize(routed);
      const body = await readBody(exchange);
      const { Integration: integration } = routed.method;
      if (integration.Type === "MOCK") return mockAnswer(integration, routed);
      const invocation = functions.invoke(
        functionArnOf(integration.Uri),
        Buffer.from(JSON.stringify(proxyEvent(routed, body, authorizer))),
      );
      const result = await withDeadline(
        context.clock,
        integration.TimeoutInMillis,
        invocation,
        () => new GatewayFailure("INTEGRATION_TIMEOUT"),
      ).catch((error: unknown) => {
        throw invocationFailure(error);
      });
      if (result.functionError !== undefined)
        throw new GatewayFailure("BAD_GATEWAY", {
          reason: `the function failed (${result.functionError})`,
        });
      const answer = readProxyAnswer(result.payload, routed);
      return { ...answer, headers: [...answer.headers, ["X-Amzn-Trace-Id", call.traceId]] };
    } catch (error) {
      if (!(error instanceof GatewayFailure)) throw error;
      if (error.reason !== undefined)
        context.log("warn", "API Gateway answered for an integration or authorizer that failed", {
          requestId: call.requestId,
          apiId: call.api.id,
          resource: routed?.node.path,
          httpMethod: call.httpMethod,
          reason: error.reason,
        });
      return gatewayAnswer(call, error, routed?.node);
    }
  };

  return {
    signingName: "execute-api",
    resourceProviders: apiGatewayProviders(store),
    async handle(exchange) {
      const destination = destinationOf(exchange.request.headers.host, exchange.request.url ?? "/");
      const api = destination && catalog.find(destination.apiId);
      const stage = destination && api?.stages.get(destination.stageName);
      if (!destination || !api || !stage) return sendForbidden(exchange);
      const call = makeCall(
        exchange,
        destination,
        { api, stage },
        {
          accountId: context.accountId,
          region: context.region,
          nowMs: context.clock.now(),
        },
      );
      send(exchange, await answerFor(exchange, call), call.extendedRequestId);
    },
    async start() {},
    async stop() {},
  };
}

/** @throws GatewayFailure when nothing is there for this path and method */
function route(call: Call): RoutedCall {
  const match = findResource(call);
  if (match?.method)
    return { ...call, node: match.node, method: match.method, pathParameters: match.parameters };
  // What is not a method is taken for a call of AWS itself, whose Authorization would be a signature.
  const signature = header(call.headers, "authorization");
  throw new GatewayFailure(
    signature === undefined ? "MISSING_AUTHENTICATION_TOKEN" : "INVALID_SIGNATURE",
  );
}

function findResource(call: Call) {
  try {
    return matchResource(call.api.nodes, call.httpMethod, call.path);
  } catch (error) {
    if (error instanceof URIError) throw new GatewayFailure("BAD_REQUEST_PARAMETERS");
    throw error;
  }
}

function refuseLargeBody({ request }: AwsExchange): void {
  if (Number(request.headers["content-length"] ?? 0) > maxBodyBytes)
    throw new GatewayFailure("REQUEST_TOO_LARGE");
}

async function readBody(exchange: AwsExchange): Promise<Buffer> {
  try {
    return await exchange.body(maxBodyBytes);
  } catch (error) {
    if (error instanceof AwsError && error.status === 413)
      throw new GatewayFailure("REQUEST_TOO_LARGE");
    throw error;
  }
}

/** "If the Lambda API rejects the invocation request, API Gateway returns a 500 error code." */
function invocationFailure(error: unknown): GatewayFailure {
  if (error instanceof GatewayFailure) return error;
  if (error instanceof AwsError && error.code === "RequestEntityTooLargeException")
    return new GatewayFailure("REQUEST_TOO_LARGE", { reason: error.message });
  const reason = error instanceof Error ? error.message : String(error);
  return new GatewayFailure("API_CONFIGURATION_ERROR", { reason });
}

/** Of an API or a stage that does not exist, nobody's templates apply. */
function sendForbidden(exchange: AwsExchange): void {
  const body = Buffer.from('{"message":"Forbidden"}');
  const headers: Answer["headers"] = [
    ["Content-Type", "application/json"],
    ["x-amzn-ErrorType", "ForbiddenException"],
  ];
  send(exchange, { status: 403, headers, body }, exchange.requestId);
}

function send(
  { request, response, requestId }: AwsExchange,
  answer: Answer,
  apigwId: string,
): void {
  response.removeHeader("x-amz-request-id");
  response.removeHeader("x-amzn-requestid");
  response.statusCode = answer.status;
  for (const [name, value] of answer.headers) response.appendHeader(name, value);
  response.setHeader("x-amzn-RequestId", requestId);
  response.setHeader("x-amz-apigw-id", apigwId);
  const bodiless = answer.status === 204 || answer.status === 304;
  if (!bodiless) response.setHeader("Content-Length", answer.body.length);
  response.end(bodiless || request.method === "HEAD" ? undefined : answer.body);
}
