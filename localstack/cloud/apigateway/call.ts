import { createHash, randomBytes } from "node:crypto";
import { parseHost, splitTarget } from "../http/index.ts";
import type { AwsExchange } from "../service.ts";
import type { Api } from "./api-catalog.ts";
import type { Method, Stage } from "./definitions.ts";
import type { ResourceNode } from "./routing.ts";

/** Where a request wants to go. */
export interface Destination {
  readonly apiId: string;
  readonly stageName: string;
  /** Below the stage, as sent: `/videos/a%20b`. */
  readonly path: string;
  readonly query: string;
}

const pathStyles = [
  /^\/restapis\/(?<apiId>[^/]+)\/(?<stage>[^/]+)\/_user_request_(?<path>\/.*)?$/,
  /^\/_aws\/execute-api\/(?<apiId>[^/]+)\/(?<stage>[^/]+)(?<path>\/.*)?$/,
];

/** By Host as on AWS, or by path as LocalStack has it. */
export function destinationOf(host: string | undefined, target: string): Destination | undefined {
  const { path, query } = splitTarget(target);
  const byHost = parseHost(host);
  if (byHost.kind === "api") {
    const [, stageName = "", rest = ""] = /^\/([^/]*)(\/.*)?$/.exec(path) ?? [];
    return { apiId: byHost.apiId, stageName, path: rest || "/", query };
  }
  for (const style of pathStyles) {
    const groups = style.exec(path)?.groups;
    if (groups?.apiId !== undefined && groups.stage !== undefined)
      return { apiId: groups.apiId, stageName: groups.stage, path: groups.path ?? "/", query };
  }
  return undefined;
}

/** Names and values in the order they came in. */
export type Pairs = readonly (readonly [name: string, value: string])[];

/** One request on its way through an API. */
export interface Call {
  readonly api: Api;
  readonly stage: Stage;
  readonly accountId: string;
  readonly region: string;
  readonly httpMethod: string;
  readonly path: string;
  /** In the case in which they were sent, with what API Gateway adds, without hop-by-hop headers. */
  readonly headers: Pairs;
  readonly query: Pairs;
  readonly sourceIp: string;
  readonly protocol: string;
  readonly requestId: string;
  readonly extendedRequestId: string;
  readonly traceId: string;
  readonly timeMs: number;
}

/** A call whose resource and method are known. */
export interface RoutedCall extends Call {
  readonly node: ResourceNode<Method>;
  readonly method: Method;
  readonly pathParameters: Readonly<Record<string, string>>;
}

/** RFC 9110, 7.6.1, and those that say how this one message was framed. */
const hopByHop = new Set([
  "connection",
  "content-length",
  "expect",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

export function makeCall(
  exchange: AwsExchange,
  destination: Destination,
  found: { readonly api: Api; readonly stage: Stage },
  host: { readonly accountId: string; readonly region: string; readonly nowMs: number },
): Call {
  const { request } = exchange;
  const sourceIp = (request.socket.remoteAddress ?? "127.0.0.1").replace(/^::ffff:/, "");
  const traceId =
    header(pairsOf(request.rawHeaders), "x-amzn-trace-id") ??
    `Root=1-${Math.floor(host.nowMs / 1000).toString(16)}-${randomBytes(12).toString("hex")}`;
  return {
    ...found,
    accountId: host.accountId,
    region: host.region,
    httpMethod: request.method ?? "GET",
    path: destination.path,
    headers: forwardedHeaders(request.rawHeaders, sourceIp, request.socket.localPort, traceId),
    query: [...new URLSearchParams(destination.query)],
    sourceIp,
    protocol: `HTTP/${request.httpVersion}`,
    requestId: exchange.requestId,
    extendedRequestId: createHash("sha256")
      .update(exchange.requestId)
      .digest("base64")
      .slice(0, 15)
      .concat("="),
    traceId,
    timeMs: host.nowMs,
  };
}

function pairsOf(rawHeaders: readonly string[]): Pairs {
  return Array.from({ length: rawHeaders.length / 2 }, (_, index) => [
    rawHeaders[index * 2] ?? "",
    rawHeaders[index * 2 + 1] ?? "",
  ]);
}

function forwardedHeaders(
  rawHeaders: readonly string[],
  sourceIp: string,
  port: number | undefined,
  traceId: string,
): Pairs {
  const sent = pairsOf(rawHeaders);
  const named = new Set(
    (header(sent, "connection") ?? "").split(",").map((name) => name.trim().toLowerCase()),
  );
  const added = new Set([
    "x-forwarded-for",
    "x-forwarded-port",
    "x-forwarded-proto",
    "x-amzn-trace-id",
  ]);
  const before = header(sent, "x-forwarded-for");
  return [
    ...sent.filter(([name]) => {
      const lower = name.toLowerCase();
      return !hopByHop.has(lower) && !named.has(lower) && !added.has(lower);
    }),
    ["X-Amzn-Trace-Id", traceId],
    ["X-Forwarded-For", before === undefined ? sourceIp : `${before}, ${sourceIp}`],
    ["X-Forwarded-Port", String(port ?? 443)],
    ["X-Forwarded-Proto", "http"],
  ];
}

/** The last value of a header, whatever the case of its name. */
export function header(headers: Pairs, name: string): string | undefined {
  const wanted = name.toLowerCase();
  return headers.findLast(([each]) => each.toLowerCase() === wanted)?.[1];
}

/** `arn:aws:execute-api:REGION:ACCOUNT:API/STAGE/METHOD/path`, what a policy allows or denies. */
export function methodArn(call: Call): string {
  const path = call.path.replace(/^\//, "");
  return `arn:aws:execute-api:${call.region}:${call.accountId}:${call.api.id}/${call.stage.StageName}/${call.httpMethod}/${path}`;
}
