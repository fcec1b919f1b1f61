import { request as httpRequest, type IncomingHttpHeaders } from "node:http";
import { AwsError } from "../aws-error.ts";
import { ManualClock } from "../clock.ts";
import { openEndpoint } from "../http/index.ts";
import type { ResourceState } from "../resource-provider.ts";
import type { AwsService, FunctionInvoker, InvocationResult } from "../service.ts";
import { createTestContext, type TestContext } from "../testing.ts";
import { createApiGatewayService } from "./index.ts";

type Handler = (event: Event) => unknown;
/** What a function is given; tests look at single members. */
type Event = Readonly<Record<string, unknown>>;

/** Functions by name, run in this process; remembers what they were given. */
class RecordingInvoker implements FunctionInvoker {
  readonly events: { readonly name: string; readonly event: Event }[] = [];
  readonly handlers = new Map<string, Handler>();

  async invoke(functionArn: string, payload: Uint8Array): Promise<InvocationResult> {
    const name = functionArn.split(":").at(-1) ?? "";
    const event: Event = JSON.parse(Buffer.from(payload).toString());
    this.events.push({ name, event });
    const handler = this.handlers.get(name);
    if (!handler) throw new AwsError("ResourceNotFoundException", "no such function", 404);
    try {
      const answer = await handler(event);
      return { payload: Buffer.from(JSON.stringify(answer) ?? "null"), requestId: "r" };
    } catch (error) {
      if (error instanceof AwsError) throw error;
      const errorMessage = error instanceof Error ? error.message : String(error);
      return {
        payload: Buffer.from(JSON.stringify({ errorMessage, errorType: "Error" })),
        functionError: "Unhandled",
        requestId: "r",
      };
    }
  }
}

interface Response {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  readonly bytes: Buffer;
}

interface Sending {
  readonly method?: string;
  readonly host?: string;
  /** Names and values in turn, as node:http takes them raw. */
  readonly headers?: Readonly<Record<string, string | string[]>>;
  readonly body?: string | Buffer;
}

export interface TestGateway extends AsyncDisposable {
  readonly clock: ManualClock;
  readonly functions: RecordingInvoker;
  readonly apiId: string;
  put(
    logicalId: string,
    type: string,
    properties: Readonly<Record<string, unknown>>,
  ): Promise<ResourceState>;
  /** Sends to the API's own host name unless told otherwise; `path` begins with the stage. */
  send(path: string, sending?: Sending): Promise<Response>;
}

export const functionUri = (name: string): string =>
  `arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/arn:aws:lambda:us-east-1:000000000000:function:${name}/invocations`;

/** An API Gateway on a port of its own, with one REST API that has no resource yet. */
export async function startGateway(
  restApi: Readonly<Record<string, unknown>> = {},
): Promise<TestGateway> {
  const clock = new ManualClock(Date.UTC(2026, 10, 23, 18, 0, 0));
  const context: TestContext = await createTestContext({ clock });
  const functions = new RecordingInvoker();
  const service = createApiGatewayService(context, { functions });
  const endpoint = await openEndpoint({
    host: "127.0.0.1",
    port: 0,
    services: [service],
    credentials: context.credentials,
    clock,
    log: context.log,
    region: context.region,
  });
  const put: TestGateway["put"] = (logicalId, type, properties) =>
    putResource(service, logicalId, `AWS::ApiGateway::${type}`, properties);
  const { physicalId: apiId } = await put("Api", "RestApi", { Name: "test", ...restApi });
  return {
    clock,
    functions,
    apiId,
    put,
    send: (path, sending = {}) =>
      sendRequest(new URL(endpoint.url), path, {
        host: `${apiId}.execute-api.us-east-1.amazonaws.com`,
        ...sending,
      }),
    async [Symbol.asyncDispose]() {
      await endpoint.close();
      await service.stop();
      await context.dispose();
    },
  };
}

function putResource(
  service: AwsService,
  logicalId: string,
  type: string,
  properties: Readonly<Record<string, unknown>>,
): Promise<ResourceState> {
  const provider = service.resourceProviders.find((each) => each.type === type);
  if (!provider) throw new Error(`no provider of ${type}`);
  return provider.put(provider.schema.parse(properties), {
    accountId: "000000000000",
    region: "us-east-1",
    stackName: "App",
    logicalId,
    generatedName: () => `App-${logicalId}`,
    assetPath: () => {
      throw new Error("no assets here");
    },
  });
}

function sendRequest(
  endpoint: URL,
  path: string,
  { method = "GET", host = "", headers = {}, body }: Sending,
): Promise<Response> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(
      {
        host: endpoint.hostname,
        port: endpoint.port,
        path,
        method,
        headers: { Host: host, ...headers },
        agent: false,
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("error", reject);
        response.on("end", () => {
          const bytes = Buffer.concat(chunks);
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            text: bytes.toString(),
            bytes,
          });
        });
      },
    );
    request.on("error", reject);
    request.end(body);
  });
}
