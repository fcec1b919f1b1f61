import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { untilParentEnds } from "../../system/child-server.ts";

/**
 * A function's own bundle behind nothing but node:http, in one process: no gateway, no authorizer,
 * no environments. It is started with the environment of that function's processes.
 */
const { LAMBDA_TASK_ROOT = ".", _HANDLER = "", BARE_OWNER = "" } = process.env;
const [file, name = ""] = _HANDLER.split(".");
const bundle = await import(pathToFileURL(join(LAMBDA_TASK_ROOT, `${file}.mjs`)).href);
const handler: (event: unknown, context: unknown) => Promise<Answer> = bundle[name];

interface Answer {
  readonly statusCode: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string;
}

const context = { awsRequestId: "bare", getRemainingTimeInMillis: () => 30_000 };

const server = createServer((request, response) => {
  const url = new URL(request.url ?? "/", "http://bare");
  const query = Object.fromEntries(url.searchParams);
  const event = {
    resource: url.pathname,
    path: url.pathname,
    httpMethod: request.method,
    headers: request.headers,
    multiValueHeaders: {},
    queryStringParameters: query,
    multiValueQueryStringParameters: Object.fromEntries(
      Object.entries(query).map(([key, value]) => [key, [value]]),
    ),
    pathParameters: null,
    stageVariables: null,
    body: null,
    isBase64Encoded: false,
    requestContext: {
      requestId: "bare",
      authorizer: { principalId: BARE_OWNER },
      identity: { sourceIp: "127.0.0.1" },
    },
  };
  handler(event, context).then(
    ({ statusCode, headers, body }) => response.writeHead(statusCode, headers).end(body),
    () => response.writeHead(500).end(),
  );
});
server.listen(0, "127.0.0.1", () => {
  console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
});
await untilParentEnds();
process.exit(0);
