import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { AwsError, StartError } from "../aws-error.ts";
import type { Clock } from "../clock.ts";
import type { Credentials, Log } from "../context.ts";
import { diskFull, isDiskFull } from "../disk-full.ts";
import type { AwsExchange, AwsService, Identity } from "../service.ts";
import { type AwsProtocol, writeAwsError } from "./aws-error-response.ts";
import { sha256Hex } from "./canonical-request.ts";
import { collect, openPayload } from "./payload.ts";
import { routeRequest } from "./routing.ts";
import { verifySignature } from "./sigv4.ts";

export interface EndpointOptions {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly services: readonly AwsService[];
  readonly credentials: Credentials;
  readonly clock: Clock;
  readonly log: Log;
  readonly region: string;
  /** A body that sends nothing for this long is given up; a minute by default. */
  readonly bodyIdleMs?: number;
}

export interface Endpoint {
  /** For example `http://127.0.0.1:4566`. */
  readonly url: string;
  /** Refuses new requests, gives running ones two seconds, then cuts them. */
  close(): Promise<void>;
}

/** A body without a declared hash must be read before its signature can be checked: at most this much. */
const largestUnhashedBody = 16 * 1024 * 1024;
const defaultBodyIdleMs = 60_000;
/** How long the rest of a refused upload is read away, so that the client gets to read the answer. */
const lingerMs = 5_000;
const graceMs = 2_000;

/** Opens the HTTP endpoint of the cloud. @throws StartError `port-in-use`, `cannot-listen` */
export async function openEndpoint(options: EndpointOptions): Promise<Endpoint> {
  const services = new Map(options.services.map((service) => [service.signingName, service]));
  const answer = (request: IncomingMessage, response: ServerResponse, continues: boolean): void => {
    void serve(request, response, continues, services, options);
  };
  const server = createServer(
    {
      // An upload may last hours, so no limit on the whole request; a stalled body is ended by its reader.
      requestTimeout: 0,
      headersTimeout: 20_000,
      keepAliveTimeout: 65_000,
      connectionsCheckingInterval: 5_000,
      highWaterMark: 256 * 1024,
      noDelay: true,
    },
    (request, response) => answer(request, response, false),
  );
  // The go-ahead is given when the body is read, so a refused upload is never sent.
  server.on("checkContinue", (request, response) => answer(request, response, true));
  server.on("clientError", (_error, socket) => {
    if (socket.writable) socket.end("HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n");
  });

  await listen(server, options);
  const address = server.address();
  if (address === null || typeof address === "string") {
    throw new StartError("cannot-listen", "The endpoint has no address after it was opened.");
  }
  const host = address.family === "IPv6" ? `[${address.address}]` : address.address;
  return { url: `http://${host}:${address.port}`, close: () => close(server) };
}

async function serve(
  request: IncomingMessage,
  response: ServerResponse,
  continues: boolean,
  services: ReadonlyMap<string, AwsService>,
  options: EndpointOptions,
): Promise<void> {
  const requestId = randomUUID();
  // SDKs learn from it by how much their own clock is off.
  response.setHeader("date", new Date(options.clock.now()).toUTCString());
  response.setHeader("x-amz-request-id", requestId);
  response.setHeader("x-amzn-requestid", requestId);
  // A client that goes away makes its socket fail; the reader of the body or the pipeline says so.
  request.on("error", () => {});
  response.on("error", () => {});
  response.on("finish", () => discardRest(request));

  const target = request.url ?? "";
  const signingName = routeRequest({
    host: request.headers.host,
    target,
    authorization: request.headers.authorization,
    amzTarget: single(request.headers["x-amz-target"]),
  });
  try {
    if (!target.startsWith("/")) {
      throw new AwsError("InvalidURI", "The request target must be a path that begins with /.");
    }
    if (target === "/_health" && request.method === "GET") {
      response.setHeader("content-type", "application/json");
      response.end(JSON.stringify({ status: "ok", services: [...services.keys()] }));
      return;
    }
    const service = services.get(signingName);
    if (!service) {
      throw new AwsError(
        "UnknownService",
        `The service '${signingName}' is not part of this cloud; it has ${[...services.keys()].join(", ")}.`,
        501,
      );
    }
    service.prepare?.(request, response);
    const exchange = await openExchange(request, response, requestId, service, options, () => {
      if (continues) response.writeContinue();
    });
    await service.handle(exchange);
  } catch (thrown) {
    const error = isDiskFull(thrown) ? diskFull() : thrown;
    if (!(error instanceof AwsError)) {
      options.log("error", "A request failed inside the cloud", {
        service: signingName,
        method: request.method,
        path: target.split("?")[0],
        requestId,
        error: error instanceof Error ? (error.stack ?? error.message) : String(error),
      });
    }
    try {
      const shown = error instanceof AwsError ? error : internalError(signingName);
      writeAwsError({ request, response, requestId }, shown, protocolOf(signingName));
    } catch {
      response.destroy();
    }
  }
}

async function openExchange(
  request: IncomingMessage,
  response: ServerResponse,
  requestId: string,
  { signingName: service, signingAlgorithm }: AwsService,
  options: EndpointOptions,
  beforeBody: () => void,
): Promise<AwsExchange> {
  let whole: Buffer | undefined;
  const idleMs = options.bodyIdleMs ?? defaultBodyIdleMs;
  // API Gateway's callers carry tokens of their own; its authorizers judge them. A preflight never
  // carries credentials, though its address may hold the signature of the request to come.
  const signature =
    service === "execute-api" || request.method === "OPTIONS"
      ? undefined
      : await verifySignature(request, {
          service,
          region: options.region,
          credentials: options.credentials,
          clock: options.clock,
          signingAlgorithm,
          bodyHash: async () => {
            beforeBody();
            const body = openPayload(request, { payloadHash: "UNSIGNED-PAYLOAD", idleMs });
            whole = await collect(body, largestUnhashedBody);
            return sha256Hex(whole);
          },
        });
  const identity: Identity = signature
    ? { kind: "signed", accessKeyId: signature.accessKeyId }
    : { kind: "anonymous" };

  let opened = false;
  const stream = () => {
    if (whole) {
      const bytes = whole;
      return { length: bytes.length, chunks: once(bytes), trailers: new Map<string, string>() };
    }
    if (opened) throw new Error("The body of a request can be read once.");
    opened = true;
    const body = openPayload(request, {
      payloadHash: signature?.payloadHash ?? "UNSIGNED-PAYLOAD",
      signer: signature?.chunks,
      idleMs,
    });
    beforeBody();
    return body;
  };
  return {
    request,
    response,
    url: new URL(`http://${urlHost(request.headers.host)}${request.url ?? "/"}`),
    requestId,
    identity,
    stream,
    body: (maxBytes) => collect(stream(), maxBytes),
  };
}

async function* once(bytes: Buffer): AsyncGenerator<Buffer> {
  yield bytes;
}

/** The Host header when it is one; a made-up host otherwise, since only path and query matter then. */
function urlHost(host: string | undefined): string {
  return host !== undefined && /^[\w.:[\]-]+$/.test(host) && URL.canParse(`http://${host}`)
    ? host
    : "endpoint";
}

function discardRest(request: IncomingMessage): void {
  if (request.complete || request.destroyed) return;
  request.resume();
  const timer = setTimeout(() => request.socket.destroy(), lingerMs);
  timer.unref();
  request.once("close", () => clearTimeout(timer));
}

function protocolOf(service: string): AwsProtocol {
  if (service === "s3") return "rest-xml";
  if (service === "sns") return "query";
  return ["sqs", "secretsmanager", "events"].includes(service) ? "aws-json" : "rest-json";
}

function internalError(service: string): AwsError {
  return service === "s3"
    ? new AwsError("InternalError", "We encountered an internal error. Please try again.", 500)
    : new AwsError(
        "InternalFailure",
        "The request failed inside the cloud; its log says why.",
        500,
      );
}

function single(header: string | string[] | undefined): string | undefined {
  return typeof header === "string" ? header : header?.[0];
}

function listen(server: Server, options: EndpointOptions): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once("error", (error: NodeJS.ErrnoException) => {
    reject(
      error.code === "EADDRINUSE"
        ? new StartError(
            "port-in-use",
            `Port ${options.port} on ${options.host} is in use by another program: stop it, or choose another with --port.`,
          )
        : new StartError(
            "cannot-listen",
            `Cannot listen on ${options.host} port ${options.port}: ${error.message}.`,
          ),
    );
  });
  server.listen(options.port, options.host, resolve);
  return promise;
}

async function close(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  const timer = setTimeout(() => server.closeAllConnections(), graceMs);
  await closed;
  clearTimeout(timer);
}
