import type { APIGatewayProxyEvent, Context } from "aws-lambda";

export interface ApiRequest {
  readonly method: string;
  readonly path?: string;
  readonly params?: Record<string, string>;
  readonly query?: Record<string, string>;
  readonly headers?: Record<string, string>;
  readonly body?: string;
  /** Default `owner-1`; undefined when no authorizer ran. */
  readonly owner?: string | undefined;
}

/** What API Gateway hands to a function for a request (REST API, proxy integration). */
export const apiEvent = (request: ApiRequest): APIGatewayProxyEvent => {
  const owner = "owner" in request ? request.owner : "owner-1";
  const path = request.path ?? "/";
  return {
    httpMethod: request.method,
    path,
    resource: path,
    headers: request.headers ?? {},
    multiValueHeaders: {},
    pathParameters: request.params ?? null,
    queryStringParameters: request.query ?? null,
    multiValueQueryStringParameters: request.query
      ? Object.fromEntries(Object.entries(request.query).map(([name, value]) => [name, [value]]))
      : null,
    stageVariables: null,
    body: request.body ?? null,
    isBase64Encoded: false,
    requestContext: {
      accountId: "000000000000",
      apiId: "api",
      authorizer: owner === undefined ? null : { principalId: owner },
      protocol: "HTTP/1.1",
      httpMethod: request.method,
      identity: {
        accessKey: null,
        accountId: null,
        apiKey: null,
        apiKeyId: null,
        caller: null,
        clientCert: null,
        cognitoAuthenticationProvider: null,
        cognitoAuthenticationType: null,
        cognitoIdentityId: null,
        cognitoIdentityPoolId: null,
        principalOrgId: null,
        sourceIp: "127.0.0.1",
        user: null,
        userAgent: null,
        userArn: null,
      },
      path,
      stage: "api",
      requestId: "request-1",
      requestTimeEpoch: 0,
      resourceId: "resource",
      resourcePath: path,
    },
  };
};

export const lambdaContext: Context = {
  callbackWaitsForEmptyEventLoop: false,
  functionName: "function",
  functionVersion: "$LATEST",
  invokedFunctionArn: "arn:aws:lambda:us-east-1:000000000000:function:function",
  memoryLimitInMB: "128",
  awsRequestId: "invocation-1",
  logGroupName: "group",
  logStreamName: "stream",
  getRemainingTimeInMillis: () => 30_000,
  done: () => {},
  fail: () => {},
  succeed: () => {},
};
