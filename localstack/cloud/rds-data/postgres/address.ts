import { Client, type ClientConfig } from "pg";
import { StartError } from "../../aws-error.ts";

/** Where a PostgreSQL server is, and as whom it is administered. */
export interface ServerAddress {
  /** A host name, or the directory of a Unix socket. */
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly database: string;
  /** As node-postgres takes it; absent means none. */
  readonly ssl?: ClientConfig["ssl"];
}

const connectWithinMs = 5_000;

/**
 * Reads the address of somebody's own server and checks that it can serve.
 *
 * @throws StartError when it cannot be reached or is another major version
 */
export async function openExternalServer(
  databaseUrl: string,
  majorVersion: number,
): Promise<ServerAddress> {
  let client: Client;
  try {
    client = new Client({
      connectionString: databaseUrl,
      connectionTimeoutMillis: connectWithinMs,
    });
  } catch {
    throw new StartError(
      "database-url",
      "--database-url is not an address of PostgreSQL: write postgresql://USER:PASSWORD@HOST:PORT/DATABASE.",
    );
  }
  // A connection that breaks later fails the query that uses it.
  client.on("error", () => {});
  const place = `${client.host}:${client.port}`;
  let version: number;
  try {
    await client.connect();
    const { rows } = await client.query<{ version: string }>(
      "SELECT current_setting('server_version_num') AS version",
    );
    version = Math.floor(Number(rows[0]?.version) / 10_000);
  } catch (error) {
    const reason = error instanceof Error ? error.message || String(error.name) : String(error);
    throw new StartError(
      "database-unreachable",
      `The PostgreSQL server of --database-url (${place}) cannot be used: ${reason}.`,
    );
  } finally {
    await client.end().catch(() => {});
  }
  if (version !== majorVersion) {
    throw new StartError(
      "postgres-version",
      `The server of --database-url (${place}) is PostgreSQL ${version}, and the stack asks for ${majorVersion}: ` +
        `give a server of version ${majorVersion}.`,
    );
  }
  return {
    host: client.host,
    port: client.port,
    user: client.user ?? "postgres",
    password: typeof client.password === "string" ? client.password : "",
    database: client.database ?? "postgres",
    ssl: client.ssl,
  };
}
