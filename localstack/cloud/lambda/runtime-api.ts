import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { MAX_RESPONSE_BYTES } from "./limits.ts";

/** What one execution environment is asked to do. */
interface RuntimeEvent {
  readonly requestId: string;
  readonly functionArn: string;
  readonly payload: Uint8Array;
  /** Milliseconds since the epoch, by the clock that the function reads: the machine's. */
  readonly deadlineMs: number;
  readonly traceId: string;
  readonly clientContext?: string | undefined;
}

export interface RuntimeListener {
  /** The runtime asks for an event: it is loaded and has nothing to do. */
  idle(): void;
  responded(requestId: string, payload: Buffer): void;
  failed(requestId: string, payload: Buffer): void;
  initFailed(payload: Buffer): void;
}

export interface RuntimeApi {
  /** For AWS_LAMBDA_RUNTIME_API: host and port, since official clients split it at the colon. */
  readonly address: string;
  /** To be called when the runtime is idle. */
  hand(event: RuntimeEvent): void;
  close(): void;
}

/** https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html, one server per environment. */
export async function openRuntimeApi(listener: RuntimeListener): Promise<RuntimeApi> {
  let asking: ServerResponse | undefined;
  const server = createServer(
    { requestTimeout: 0, headersTimeout: 0, keepAliveTimeout: 0, noDelay: true },
    (request, response) => {
      const path = (request.url ?? "").replace("/2018-06-01/runtime/", "");
      if (request.method === "GET" && path === "invocation/next") {
        asking = response;
        listener.idle();
      } else {
        void receive(path, request, response, listener);
      }
    },
  );
  // A killed environment resets its connection; its exit says all there is to know.
  server.on("clientError", (_error, socket) => socket.destroy());
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  server.unref();
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no address");
  return {
    address: `127.0.0.1:${address.port}`,
    hand(event) {
      const response = asking;
      asking = undefined;
      response?.writeHead(200, {
        "content-type": "application/json",
        "content-length": event.payload.length,
        "lambda-runtime-aws-request-id": event.requestId,
        "lambda-runtime-deadline-ms": String(event.deadlineMs),
        "lambda-runtime-invoked-function-arn": event.functionArn,
        "lambda-runtime-trace-id": event.traceId,
        ...(event.clientContext !== undefined && {
          "lambda-runtime-client-context": event.clientContext,
        }),
      });
      response?.end(event.payload);
    },
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

async function receive(
  path: string,
  request: IncomingMessage,
  response: ServerResponse,
  listener: RuntimeListener,
): Promise<void> {
  const body = await collect(request).catch(() => undefined);
  if (body === undefined) return void response.destroy();
  const [, requestId, what] = /^invocation\/([0-9a-f-]{36})\/(response|error)$/.exec(path) ?? [];
  if (requestId && what === "response") {
    if (body === "too long") {
      listener.failed(requestId, responseTooLong);
      return void response.writeHead(413).end();
    }
    listener.responded(requestId, body);
  } else if (requestId && what === "error") {
    listener.failed(requestId, body === "too long" ? responseTooLong : body);
  } else if (path === "init/error" && body !== "too long") {
    listener.initFailed(body);
  } else {
    return void response.writeHead(404).end();
  }
  response.writeHead(202, { "content-type": "application/json" }).end('{"status":"OK"}');
}

const responseTooLong = Buffer.from(
  JSON.stringify({
    errorType: "Function.ResponseSizeTooLarge",
    errorMessage: `Response payload size exceeded maximum allowed payload size (${MAX_RESPONSE_BYTES} bytes).`,
  }),
);

/** Reads to the end even when it is too long, so that the runtime gets to see the answer. */
async function collect(request: IncomingMessage): Promise<Buffer | "too long"> {
  let chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request) {
    length += chunk.length;
    if (length > MAX_RESPONSE_BYTES) chunks = [];
    else chunks.push(chunk);
  }
  return length > MAX_RESPONSE_BYTES ? "too long" : Buffer.concat(chunks);
}
