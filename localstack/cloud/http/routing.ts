import { parseHost, splitTarget } from "./address.ts";

/** The facts of a request that say which service it is for. */
export interface RequestFacts {
  readonly host: string | undefined;
  /** Path and query as sent. */
  readonly target: string;
  readonly authorization: string | undefined;
  readonly amzTarget: string | undefined;
}

const servicesByPath: readonly (readonly [prefix: string, service: string])[] = [
  ["/restapis/", "execute-api"],
  ["/_aws/", "execute-api"],
  ["/2015-03-31/", "lambda"],
];

const servicesByAmzTarget: readonly (readonly [prefix: string, service: string])[] = [
  ["AmazonSQS.", "sqs"],
  ["secretsmanager.", "secretsmanager"],
  ["AWSEvents.", "events"],
];

const dataApiPaths = new Set([
  "/Execute",
  "/BatchExecute",
  "/BeginTransaction",
  "/CommitTransaction",
  "/RollbackTransaction",
]);

/** The signing name of the service that a request is for. What nothing else claims is S3's. */
export function routeRequest(facts: RequestFacts): string {
  const host = parseHost(facts.host);
  if (host.kind === "bucket") return "s3";
  if (host.kind === "api") return "execute-api";

  const { path, query } = splitTarget(facts.target);
  const byPath = servicesByPath.find(([prefix]) => path.startsWith(prefix));
  if (byPath) return byPath[1];

  const scoped = scopedService(facts.authorization, query);
  if (scoped) return scoped;

  const byTarget = servicesByAmzTarget.find(([prefix]) => facts.amzTarget?.startsWith(prefix));
  if (byTarget) return byTarget[1];
  if (dataApiPaths.has(path)) return "rds-data";
  if (/^\/key-value-stores\/arn(:|%3A)/i.test(path)) return "cloudfront-keyvaluestore";
  return "s3";
}

/** `AKID/20260101/us-east-1/sqs/aws4_request` → `sqs`; an asymmetric signature names no region. */
function scopedService(authorization: string | undefined, query: string): string | undefined {
  const header = /^AWS4-(?:HMAC|ECDSA-P256)-SHA256\s.*?Credential=([^,\s]+)/;
  const inHeader = header.exec(authorization ?? "")?.[1];
  const inQuery = new URLSearchParams(query).get("X-Amz-Credential");
  return (inHeader ?? inQuery ?? "").split("/").at(-2);
}
