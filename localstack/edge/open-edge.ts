import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import {
  type AwsService,
  type Clock,
  type CloudContext,
  type Log,
  type ResourceProvider,
  StartError,
  systemClock,
} from "@sluice/cloud";
import { EdgeCache } from "./cache/edge-cache.ts";
import { EdgeHandler } from "./edge-handler.ts";
import { KeyValueStores } from "./key-value-store/key-value-stores.ts";
import { keyValueStoreService } from "./key-value-store/service.ts";
import { mayServeHost } from "./loopback-hosts.ts";
import { type AwsConnection, OriginClient } from "./origin/origin-client.ts";
import { Registry } from "./registry.ts";
import { cloudFrontProviders } from "./resource-providers.ts";
import { writeRefusal } from "./viewer-response.ts";

export interface EdgeOptions {
  /** 0 lets the system choose. */
  readonly port: number;
  /** Default 127.0.0.1. */
  readonly host?: string;
  readonly clock?: Clock;
  readonly log?: Log;
  /** What the cache may hold. Default 512 MiB. */
  readonly maxCacheBytes?: number;
}

export interface Edge {
  /** For example `http://127.0.0.1:8080`. */
  readonly url: string;
  /** The CloudFront types of a template; the reconciler hands the distribution over by them. */
  // biome-ignore lint/suspicious/noExplicitAny: each provider has its own property type, checked by its schema
  readonly resourceProviders: readonly ResourceProvider<any>[];
  /** CloudFront's services at the cloud's endpoint, whose state its functions read: for `openCloud`. */
  services(context: CloudContext): readonly AwsService[];
  /** Says where AWS is; until then, and until a distribution is deployed, viewers get 503. */
  connect(aws: AwsConnection): void;
  close(): Promise<void>;
}

const defaultCacheBytes = 512 * 1024 * 1024;
const maxObjectBytes = 64 * 1024 * 1024;

/**
 * Starts one edge location of CloudFront.
 * @throws StartError port-in-use
 */
export async function openEdge(options: EdgeOptions): Promise<Edge> {
  const { port, host = "127.0.0.1", clock = systemClock, log = () => {} } = options;
  const registry = new Registry();
  let origins: OriginClient | undefined;
  const handler = new EdgeHandler({
    registry,
    cache: new EdgeCache({
      clock,
      maxBytes: options.maxCacheBytes ?? defaultCacheBytes,
      maxObjectBytes,
    }),
    clock,
    log,
    origins: () => origins,
  });
  const server = createServer({ keepAliveTimeout: 65_000 }, (request, response) => {
    if (mayServeHost(host, request.headers.host)) {
      void handler.handle(request, response);
      return;
    }
    // RFC 9110 section 15.5.20.
    const message = `This edge is on loopback and answers to 127.0.0.1 and localhost only.`;
    writeRefusal(response, 421, "MisdirectedRequest", message);
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      reject(
        error.code === "EADDRINUSE"
          ? new StartError(
              "port-in-use",
              `Port ${port} is in use by another program; end it or choose another one with --port.`,
            )
          : error,
      );
    });
    server.listen(port, host, resolve);
  });
  const address = server.address() as AddressInfo;
  const url = `http://${host}:${address.port}`;
  return {
    url,
    resourceProviders: cloudFrontProviders(registry, () => `${host}:${address.port}`, log),
    services(context) {
      registry.keyValueStores = new KeyValueStores(context);
      return [keyValueStoreService(registry.keyValueStores)];
    },
    connect(aws) {
      origins = new OriginClient(aws);
    },
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
      await origins?.close();
    },
  };
}
