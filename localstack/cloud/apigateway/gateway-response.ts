import type { Answer } from "./answer.ts";
import { type Call, header } from "./call.ts";
import type { GatewayResponse, GatewayResponseType } from "./definitions.ts";

interface Kind {
  readonly status: number;
  /** `null` where AWS says nothing. */
  readonly message: string | null;
  /** Of the header x-amzn-ErrorType. */
  readonly errorType: string;
}

/** https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html */
const kinds = {
  ACCESS_DENIED: {
    status: 403,
    message: "User is not authorized to access this resource",
    errorType: "AccessDeniedException",
  },
  API_CONFIGURATION_ERROR: {
    status: 500,
    message: "Internal server error",
    errorType: "InternalServerErrorException",
  },
  AUTHORIZER_CONFIGURATION_ERROR: {
    status: 500,
    message: null,
    errorType: "AuthorizerConfigurationException",
  },
  AUTHORIZER_FAILURE: { status: 500, message: null, errorType: "InternalServerErrorException" },
  BAD_REQUEST_PARAMETERS: { status: 400, message: "Bad Request", errorType: "BadRequestException" },
  INTEGRATION_FAILURE: {
    status: 504,
    message: "Internal server error",
    errorType: "InternalServerErrorException",
  },
  INTEGRATION_TIMEOUT: {
    status: 504,
    message: "Endpoint request timed out",
    errorType: "InternalServerErrorException",
  },
  INVALID_SIGNATURE: {
    status: 403,
    message: "The Authorization header is not an AWS signature, and nothing else is expected here",
    errorType: "IncompleteSignatureException",
  },
  MISSING_AUTHENTICATION_TOKEN: {
    status: 403,
    message: "Missing Authentication Token",
    errorType: "MissingAuthenticationTokenException",
  },
  REQUEST_TOO_LARGE: {
    status: 413,
    message: "Request Too Long",
    errorType: "RequestTooLargeException",
  },
  THROTTLED: { status: 429, message: "Too Many Requests", errorType: "TooManyRequestsException" },
  UNAUTHORIZED: { status: 401, message: "Unauthorized", errorType: "UnauthorizedException" },
  /** The function failed, or what it answered is no answer: DEFAULT_5XX stands for it. */
  BAD_GATEWAY: {
    status: 502,
    message: "Internal server error",
    errorType: "InternalServerErrorException",
  },
} as const satisfies Partial<Record<GatewayResponseType | "BAD_GATEWAY", Kind>>;

/** API Gateway answers by itself, instead of the integration. */
export class GatewayFailure extends Error {
  readonly responseType: GatewayResponseType;
  readonly kind: Kind;
  /** For the log, never for the caller. */
  readonly reason: string | undefined;

  constructor(type: keyof typeof kinds, options: { message?: string; reason?: string } = {}) {
    super(options.reason ?? type);
    this.name = "GatewayFailure";
    this.responseType = type === "BAD_GATEWAY" ? "DEFAULT_5XX" : type;
    this.kind = { ...kinds[type], ...(options.message ? { message: options.message } : {}) };
    this.reason = options.reason;
  }
}

/** The answer to a failure: the API's own for its type, else that for its class, else AWS's. */
export function gatewayAnswer(
  call: Call,
  failure: GatewayFailure,
  method?: { path: string },
): Answer {
  const responses = call.api.gatewayResponses;
  const fallback = responses.get(failure.kind.status < 500 ? "DEFAULT_4XX" : "DEFAULT_5XX");
  const own = responses.get(failure.responseType);
  const chosen = own ?? fallback;
  // "Changing the status code of this fallback … changes the status codes of all other 4XX responses".
  const status = Number(own?.StatusCode ?? fallback?.StatusCode ?? failure.kind.status);
  const variable = (name: string): string => contextVariable(call, failure, name, method?.path);

  const [contentType, template] = templateOf(chosen);
  const headers = Object.entries(chosen?.ResponseParameters ?? {}).map(
    ([target, source]) =>
      [
        target.slice("gatewayresponse.header.".length),
        resolveSource(call, source, variable),
      ] as const,
  );
  const typed = headers.some(([name]) => name.toLowerCase() === "content-type");
  return {
    status,
    headers: [
      ...(typed ? [] : [["Content-Type", contentType] as const]),
      ["x-amzn-ErrorType", failure.kind.errorType],
      ...headers,
    ],
    body: Buffer.from(render(template, call, variable)),
  };
}

const defaultTemplate = '{"message":$context.error.messageString}';

function templateOf(response: GatewayResponse | undefined): readonly [string, string] {
  const all = Object.entries(response?.ResponseTemplates ?? {});
  const json = all.find(([type]) => type === "application/json");
  return json ?? all[0] ?? ["application/json", defaultTemplate];
}

const rawVariables = new Set(["error.messageString"]);

/** Fills in `$context.x`, `${context.x}` and `$stageVariables.x`. */
function render(template: string, call: Call, variable: (name: string) => string): string {
  return template.replace(
    /\$!?(\{)?(context|stageVariables)\.([A-Za-z0-9_.]*[A-Za-z0-9_])(\})?/g,
    (_, open: string | undefined, source: string, name: string, close: string | undefined) => {
      const text = source === "context" ? variable(name) : (call.stage.Variables?.[name] ?? "");
      const trailing = open === undefined && close !== undefined ? close : "";
      // A quote in a path must not end the string that it is filled into.
      const safe = rawVariables.has(name) ? text : JSON.stringify(text).slice(1, -1);
      return safe + trailing;
    },
  );
}

function resolveSource(call: Call, source: string, variable: (name: string) => string): string {
  if (source.startsWith("'")) return source.slice(1, -1);
  if (source.startsWith("context.")) return variable(source.slice("context.".length));
  const [, kind, name = ""] = /^method\.request\.(\w+)\.(.+)$/.exec(source) ?? [];
  if (kind === "header") return header(call.headers, name) ?? "";
  if (kind === "querystring") return call.query.findLast(([each]) => each === name)?.[1] ?? "";
  return "";
}

function contextVariable(
  call: Call,
  failure: GatewayFailure,
  name: string,
  resourcePath: string | undefined,
): string {
  const { message } = failure.kind;
  switch (name) {
    case "error.message":
      return message ?? "";
    case "error.messageString":
      return JSON.stringify(message);
    case "error.responseType":
      return failure.responseType;
    case "requestId":
      return call.requestId;
    case "extendedRequestId":
      return call.extendedRequestId;
    case "apiId":
      return call.api.id;
    case "stage":
      return call.stage.StageName;
    case "httpMethod":
      return call.httpMethod;
    case "path":
      return `/${call.stage.StageName}${call.path}`;
    case "resourcePath":
      return resourcePath ?? "";
    case "protocol":
      return call.protocol;
    case "requestTimeEpoch":
      return String(call.timeMs);
    case "identity.sourceIp":
      return call.sourceIp;
    case "identity.userAgent":
      return header(call.headers, "user-agent") ?? "";
    default:
      return "";
  }
}
