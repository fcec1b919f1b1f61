import { ResponseType, type RestApi } from "aws-cdk-lib/aws-apigateway";

/** An error that API Gateway answers by itself, in the words that functions use. */
interface GatewayProblem {
  readonly type: ResponseType;
  readonly status: number;
  readonly code: string;
  readonly title: string;
  readonly detail: string;
}

const notFound = {
  status: 404,
  code: "not-found",
  title: "Not found",
  detail: "There is nothing at this path for this method.",
} as const;

const tooManyRequests = {
  status: 429,
  code: "too-many-requests",
  title: "Too many requests",
  detail: "Too many requests at once: wait a moment and try again.",
} as const;

/**
 * The defaults come last; what has no entry of its own takes their status, so that body and
 * status line always agree (RFC 9457, section 3.1.2).
 */
const gatewayProblems: readonly GatewayProblem[] = [
  {
    type: ResponseType.UNAUTHORIZED,
    status: 401,
    code: "unauthenticated",
    title: "A valid token is needed",
    detail: "Send a valid token: Authorization: Bearer TOKEN.",
  },
  {
    type: ResponseType.ACCESS_DENIED,
    status: 403,
    code: "forbidden",
    title: "Not allowed",
    detail: "The token does not allow this.",
  },
  // What API Gateway calls a path or a method that it does not know.
  { type: ResponseType.MISSING_AUTHENTICATION_TOKEN, ...notFound },
  { type: ResponseType.RESOURCE_NOT_FOUND, ...notFound },
  // Likewise when such a request carries an Authorization header: it is then read as a SigV4
  // signature, which no method here takes.
  { type: ResponseType.INVALID_SIGNATURE, ...notFound },
  {
    type: ResponseType.REQUEST_TOO_LARGE,
    status: 413,
    code: "payload-too-large",
    title: "The request is too large",
    detail: "A request may have 10 MB at most; files go to the signed links of their parts.",
  },
  { type: ResponseType.THROTTLED, ...tooManyRequests },
  { type: ResponseType.QUOTA_EXCEEDED, ...tooManyRequests },
  {
    type: ResponseType.INTEGRATION_TIMEOUT,
    status: 504,
    code: "timeout",
    title: "The answer took too long",
    detail: "The answer took too long: try again.",
  },
  {
    type: ResponseType.DEFAULT_4XX,
    status: 400,
    code: "invalid-request",
    title: "The request is not valid",
    detail: "The request is not one that this API understands.",
  },
  {
    type: ResponseType.DEFAULT_5XX,
    status: 500,
    code: "internal",
    title: "Something went wrong",
    detail: "Something went wrong on our side: try again.",
  },
];

/** Gives API Gateway's own errors the form that all others have. */
export function answerWithProblems(api: RestApi): void {
  for (const { type, status, code, title, detail } of gatewayProblems) {
    api.addGatewayResponse(`Problem${type.responseType}`, {
      type,
      statusCode: String(status),
      responseHeaders: {
        "Content-Type": "'application/problem+json'",
        "Cache-Control": "'no-store'",
      },
      templates: {
        // The template is found by this key, whatever the type it is sent as.
        "application/json": JSON.stringify({
          type: `urn:sluice:problem:${code}`,
          title,
          status,
          code,
          detail,
          requestId: "$context.requestId",
        }),
      },
    });
  }
}
