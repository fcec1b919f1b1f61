import { AwsError } from "../aws-error.ts";
import type { CloudContext } from "../context.ts";
import type { AwsExchange, AwsService } from "../service.ts";
import { ClusterRegistry } from "./clusters.ts";
import { dataApiOperations, type SecretReader } from "./data-api.ts";
import { setUpDatabase } from "./database-setup.ts";
import { openExternalServer, type ServerAddress } from "./postgres/address.ts";
import { embeddedMajorVersion } from "./postgres/binaries.ts";
import { type PostgresServer, startEmbeddedServer } from "./postgres/server.ts";
import { parseBody } from "./requests.ts";
import { databaseClusterProvider, inertDatabaseProviders } from "./resources.ts";
import type { JsonObject } from "./result/fields.ts";
import { Sessions } from "./sessions.ts";
import { maxResponseBytes, tooLarge } from "./sql/run.ts";
import { Transactions } from "./transactions.ts";

export interface RdsDataOptions {
  /** A PostgreSQL server to use instead of the one that npm brings, as an administrator of it. */
  readonly databaseUrl?: string;
  readonly secrets: SecretReader;
  /** `false` in tests only: an accepted write may then be lost with the machine. */
  readonly fsync?: boolean;
}

/** "The maximum size of the HTTP request submitted through the Data API is 4 MiB". */
const maxRequestBytes = 4 * 1024 * 1024;

/** RDS Data API and the resource types of RDS, over a real PostgreSQL that starts with the first cluster. */
export function createRdsDataService(context: CloudContext, options: RdsDataOptions): AwsService {
  const clusters = new ClusterRegistry(context);
  const transactions = new Transactions(context.clock);
  let server: Promise<RunningServer> | undefined;

  const running = (): Promise<RunningServer> => {
    if (server) return server;
    const opening = openServer(context, options);
    server = opening;
    /** The next request starts another one. */
    const forget = () => {
      if (server === opening) server = undefined;
    };
    opening.then(async (open) => {
      await open.exited;
      if (server !== opening) return;
      context.log("error", "PostgreSQL ended by itself and will be started again");
      forget();
      transactions.close();
      await open.sessions.close().catch(() => {});
    }, forget);
    return opening;
  };

  const operations = dataApiOperations({
    clusters,
    secrets: options.secrets,
    transactions,
    sessions: async () => (await running()).sessions,
  });

  return {
    signingName: "rds-data",
    resourceProviders: [
      databaseClusterProvider({
        clusters,
        majorVersion: embeddedMajorVersion,
        setUp: async (owner) => setUpDatabase((await running()).sessions.admin, owner),
      }),
      ...inertDatabaseProviders,
    ],
    async handle(exchange) {
      const operation = operations.get(exchange.url.pathname);
      if (exchange.request.method !== "POST" || !operation)
        throw new AwsError(
          "UnknownOperationException",
          `The Data API has no operation ${exchange.request.method} ${exchange.url.pathname}`,
          404,
        );
      answer(exchange, await operation(await readBody(exchange)));
    },
    async start() {},
    async stop() {
      const open = await server?.catch(() => undefined);
      server = undefined;
      transactions.close();
      await open?.sessions.close();
      await open?.stop();
    },
  };
}

interface RunningServer {
  readonly sessions: Sessions;
  /** Never resolves for a server of somebody else's. */
  readonly exited: Promise<unknown>;
  stop(): Promise<void>;
}

async function openServer(context: CloudContext, options: RdsDataOptions): Promise<RunningServer> {
  const embedded: PostgresServer | undefined =
    options.databaseUrl === undefined
      ? await startEmbeddedServer(
          context,
          options.fsync === undefined ? {} : { fsync: options.fsync },
        )
      : undefined;
  const address: ServerAddress = embedded
    ? embedded.address
    : await openExternalServer(options.databaseUrl ?? "", embeddedMajorVersion);
  return {
    sessions: new Sessions(address, context.clock),
    exited: embedded?.exited ?? new Promise(() => {}),
    stop: async () => embedded?.stop(),
  };
}

async function readBody(exchange: AwsExchange): Promise<unknown> {
  const text = (await exchange.body(maxRequestBytes)).toString("utf8");
  try {
    return parseBody(text);
  } catch {
    throw new AwsError("SerializationException", "The request is not JSON");
  }
}

function answer(exchange: AwsExchange, content: JsonObject): void {
  const body = Buffer.from(JSON.stringify(content));
  if (!("formattedRecords" in content) && body.length > maxResponseBytes) throw tooLarge();
  exchange.response.writeHead(200, {
    "content-type": "application/json",
    "content-length": body.length,
  });
  exchange.response.end(body);
}
