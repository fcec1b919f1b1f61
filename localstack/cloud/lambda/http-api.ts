import { AwsError } from "../aws-error.ts";
import { writeAwsError } from "../http/index.ts";
import type { AwsExchange } from "../service.ts";
import type { AsyncInvocations } from "./async-invocations.ts";
import type { FunctionConfig, MappingConfig } from "./function-config.ts";
import type { Functions } from "./functions.ts";
import { MAX_SYNC_PAYLOAD_BYTES } from "./limits.ts";
import type { Mappings } from "./mappings.ts";

export interface LambdaApiParts {
  readonly functions: Functions;
  readonly mappings: Mappings;
  readonly asyncInvocations: AsyncInvocations;
  readonly mappingArn: (id: string) => string;
}

type Route = (exchange: AwsExchange, parts: LambdaApiParts, id: string) => Promise<void> | void;

/** https://docs.aws.amazon.com/lambda/latest/api/API_Operations.html */
const routes: readonly (readonly [method: string, path: RegExp, route: Route])[] = [
  ["POST", /^\/2015-03-31\/functions\/([^/]+)\/invocations$/, invoke],
  ["GET", /^\/2015-03-31\/functions\/?$/, listFunctions],
  ["GET", /^\/2015-03-31\/functions\/([^/]+)\/configuration$/, getConfiguration],
  ["GET", /^\/2015-03-31\/functions\/([^/]+)$/, getFunction],
  ["GET", /^\/2015-03-31\/event-source-mappings\/?$/, listMappings],
  ["GET", /^\/2015-03-31\/event-source-mappings\/([^/]+)$/, getMapping],
];

export async function handleLambda(exchange: AwsExchange, parts: LambdaApiParts): Promise<void> {
  try {
    if (exchange.identity.kind === "anonymous") {
      throw new AwsError(
        "MissingAuthenticationTokenException",
        "Missing Authentication Token",
        403,
      );
    }
    for (const [method, path, route] of routes) {
      const found = path.exec(exchange.url.pathname);
      if (found && method === exchange.request.method) {
        return await route(exchange, parts, decode(found[1] ?? ""));
      }
    }
    throw new AwsError(
      "UnknownOperationException",
      "This cloud has of Lambda's API: Invoke, GetFunction, GetFunctionConfiguration, ListFunctions, GetEventSourceMapping and ListEventSourceMappings. Everything else comes from the template.",
      404,
    );
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    writeAwsError(exchange, error, "rest-json");
  }
}

async function invoke(
  exchange: AwsExchange,
  { functions, asyncInvocations }: LambdaApiParts,
  id: string,
): Promise<void> {
  const { headers } = exchange.request;
  const qualifier = exchange.url.searchParams.get("Qualifier");
  const reference = qualifier === null ? id : `${id}:${qualifier}`;
  const type = headers["x-amz-invocation-type"] ?? "RequestResponse";
  // One byte more than may be, so that what is too long is refused in Lambda's own words.
  const body = await exchange.body(MAX_SYNC_PAYLOAD_BYTES + 1);
  const payload = body.length === 0 ? Buffer.from("{}") : body;
  const { arn } = functions.find(reference);
  checkJson(payload);
  switch (type) {
    case "DryRun":
      return void exchange.response.writeHead(204).end();
    case "Event":
      asyncInvocations.add(arn, payload);
      return void exchange.response.writeHead(202, { "content-length": 0 }).end();
    case "RequestResponse": {
      const context = headers["x-amz-client-context"];
      const result = await functions.invoke(reference, payload, {
        requestId: exchange.requestId,
        clientContext:
          typeof context === "string" ? Buffer.from(context, "base64").toString("utf8") : undefined,
      });
      exchange.response.writeHead(200, {
        "content-type": "application/json",
        "content-length": result.payload.length,
        "x-amz-executed-version": "$LATEST",
        ...(result.failed && { "x-amz-function-error": "Unhandled" }),
        ...(headers["x-amz-log-type"] === "Tail" && {
          "x-amz-log-result": result.logTail.toString("base64"),
        }),
      });
      return void exchange.response.end(result.payload);
    }
    default:
      throw new AwsError(
        "InvalidParameterValueException",
        "X-Amz-Invocation-Type is one of RequestResponse, Event and DryRun.",
      );
  }
}

function listFunctions(exchange: AwsExchange, { functions }: LambdaApiParts): void {
  answer(exchange, page(exchange, functions.all().map(describe), "Functions"));
}

function getConfiguration(exchange: AwsExchange, { functions }: LambdaApiParts, id: string): void {
  answer(exchange, describe(functions.find(id)));
}

function getFunction(exchange: AwsExchange, { functions }: LambdaApiParts, id: string): void {
  const config = functions.find(id);
  answer(exchange, {
    Configuration: describe(config),
    Code: { RepositoryType: "S3" },
    ...(config.reservedConcurrency !== undefined && {
      Concurrency: { ReservedConcurrentExecutions: config.reservedConcurrency },
    }),
  });
}

function listMappings(exchange: AwsExchange, { mappings, functions, mappingArn }: LambdaApiParts) {
  const query = exchange.url.searchParams;
  const source = query.get("EventSourceArn");
  const functionName = query.get("FunctionName");
  const name = functionName === null ? undefined : functions.find(functionName).name;
  const found = mappings
    .all()
    .filter((it) => source === null || it.queueArn === source)
    .filter((it) => name === undefined || it.functionName === name)
    .map((it) => describeMapping(it, functions, mappingArn));
  answer(exchange, page(exchange, found, "EventSourceMappings"));
}

function getMapping(exchange: AwsExchange, parts: LambdaApiParts, id: string): void {
  const mapping = parts.mappings.find(id);
  if (!mapping) {
    throw new AwsError(
      "ResourceNotFoundException",
      "The resource you requested does not exist.",
      404,
    );
  }
  answer(exchange, describeMapping(mapping, parts.functions, parts.mappingArn));
}

function describe(config: FunctionConfig) {
  return {
    FunctionName: config.name,
    FunctionArn: config.arn,
    Runtime: config.runtime,
    Role: config.role,
    Handler: config.handler,
    Description: config.description,
    Timeout: config.timeoutSeconds,
    MemorySize: config.memoryMb,
    LastModified: new Date(config.modifiedAt).toISOString().replace("Z", "+0000"),
    Version: "$LATEST",
    State: "Active",
    LastUpdateStatus: "Successful",
    PackageType: "Zip",
    Architectures: [config.architecture],
    EphemeralStorage: { Size: config.ephemeralMb },
    Environment: { Variables: config.variables },
    ...(config.layers.length > 0 && { Layers: config.layers.map(({ arn }) => ({ Arn: arn })) }),
    ...(config.deadLetterArn !== undefined && {
      DeadLetterConfig: { TargetArn: config.deadLetterArn },
    }),
  };
}

function describeMapping(
  mapping: MappingConfig,
  functions: Functions,
  mappingArn: (id: string) => string,
) {
  return {
    UUID: mapping.id,
    EventSourceMappingArn: mappingArn(mapping.id),
    EventSourceArn: mapping.queueArn,
    FunctionArn: functions.arnOf(mapping.functionName),
    BatchSize: mapping.batchSize,
    MaximumBatchingWindowInSeconds: mapping.windowSeconds,
    LastModified: mapping.modifiedAt / 1000,
    State: mapping.enabled ? "Enabled" : "Disabled",
    StateTransitionReason: "USER_INITIATED",
    FunctionResponseTypes: mapping.reportsItemFailures ? ["ReportBatchItemFailures"] : [],
    ...(mapping.maximumConcurrency !== undefined && {
      ScalingConfig: { MaximumConcurrency: mapping.maximumConcurrency },
    }),
  };
}

/** `Marker` is the number of the first one to show. */
function page(exchange: AwsExchange, all: readonly object[], member: string) {
  const query = exchange.url.searchParams;
  const from = Math.max(0, Number.parseInt(query.get("Marker") ?? "0", 10) || 0);
  const most = Math.min(100, Math.max(1, Number.parseInt(query.get("MaxItems") ?? "50", 10) || 50));
  const next = from + most;
  return {
    [member]: all.slice(from, next),
    ...(next < all.length && { NextMarker: String(next) }),
  };
}

function checkJson(payload: Buffer): void {
  try {
    JSON.parse(payload.toString("utf8"));
  } catch (error) {
    throw new AwsError(
      "InvalidRequestContentException",
      `Could not parse request body into json: ${error instanceof Error ? error.message : ""}`,
    );
  }
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw new AwsError(
      "InvalidParameterValueException",
      "The name in the path is not escaped right.",
    );
  }
}

function answer({ response }: AwsExchange, value: object): void {
  const body = JSON.stringify(value);
  response.writeHead(200, {
    "content-type": "application/json",
    "content-length": Buffer.byteLength(body),
  });
  response.end(body);
}
