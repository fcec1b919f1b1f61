import { header, type Pairs, type RoutedCall } from "./call.ts";

/** What an authorizer let through with the request. */
export type AuthorizerContext = Readonly<Record<string, string | number>>;

/**
 * The members that the event of a Lambda proxy integration and that of a REQUEST authorizer share.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
 */
export function requestMembers(call: RoutedCall) {
  return {
    resource: call.node.path,
    path: call.path,
    httpMethod: call.httpMethod,
    headers: lastValues(call.headers),
    multiValueHeaders: allValues(call.headers),
    queryStringParameters: orNull(lastValues(call.query)),
    multiValueQueryStringParameters: orNull(allValues(call.query)),
    pathParameters: orNull(call.pathParameters),
    stageVariables: call.stage.Variables ?? null,
  };
}

export function requestContext(call: RoutedCall) {
  const domainPrefix = call.api.id;
  return {
    resourceId: call.node.id,
    resourcePath: call.node.path,
    httpMethod: call.httpMethod,
    extendedRequestId: call.extendedRequestId,
    requestTime: commonLogTime(call.timeMs),
    path: `/${call.stage.StageName}${call.path}`,
    accountId: call.accountId,
    protocol: call.protocol,
    stage: call.stage.StageName,
    domainPrefix,
    requestTimeEpoch: call.timeMs,
    requestId: call.requestId,
    identity: {
      cognitoIdentityPoolId: null,
      accountId: null,
      cognitoIdentityId: null,
      caller: null,
      sourceIp: call.sourceIp,
      principalOrgId: null,
      accessKey: null,
      cognitoAuthenticationType: null,
      cognitoAuthenticationProvider: null,
      userArn: null,
      userAgent: header(call.headers, "user-agent") ?? null,
      user: null,
    },
    domainName: `${domainPrefix}.execute-api.${call.region}.amazonaws.com`,
    deploymentId: call.stage.DeploymentId ?? null,
    apiId: call.api.id,
  };
}

/** The whole event for a function. */
export function proxyEvent(
  call: RoutedCall,
  body: Buffer,
  authorizer: AuthorizerContext | undefined,
) {
  const binary = isBinary(
    call.api.definition.BinaryMediaTypes,
    header(call.headers, "content-type"),
  );
  return {
    ...requestMembers(call),
    requestContext: { ...requestContext(call), ...(authorizer ? { authorizer } : {}) },
    body: body.length === 0 ? null : body.toString(binary ? "base64" : "utf8"),
    isBase64Encoded: binary && body.length > 0,
  };
}

/** Whether a media type is one of the API's binary ones, of which any part may be `*`. */
export function isBinary(binaryTypes: readonly string[], mediaType: string | undefined): boolean {
  const [type = "", subtype = ""] = mediaTypeOf(mediaType).split("/");
  return binaryTypes.some((binaryType) => {
    const [wantedType, wantedSubtype] = mediaTypeOf(binaryType).split("/");
    return (
      (wantedType === "*" || wantedType === type) &&
      (wantedSubtype === "*" || wantedSubtype === subtype)
    );
  });
}

const mediaTypeOf = (value: string | undefined): string =>
  (value ?? "").split(/[;,]/)[0]?.trim().toLowerCase() ?? "";

function lastValues(pairs: Pairs): Record<string, string> {
  return Object.fromEntries(byName(pairs).map(([name, values]) => [name, values.at(-1) ?? ""]));
}

function allValues(pairs: Pairs): Record<string, string[]> {
  return Object.fromEntries(byName(pairs));
}

function byName(pairs: Pairs): [string, string[]][] {
  const values = new Map<string, string[]>();
  for (const [name, value] of pairs) values.set(name, [...(values.get(name) ?? []), value]);
  return [...values];
}

function orNull<T extends object>(record: T): T | null {
  return Object.keys(record).length > 0 ? record : null;
}

/** `23/Nov/2026:18:00:00 +0000` */
function commonLogTime(timeMs: number): string {
  const [, day, month, year, time] =
    /^\w+, (\d+) (\w+) (\d+) ([\d:]+)/.exec(new Date(timeMs).toUTCString()) ?? [];
  return `${day}/${month}/${year}:${time} +0000`;
}
