import { createHash } from "node:crypto";
import { Pool, type PoolClient } from "pg";
import { AwsError } from "../aws-error.ts";
import type { Clock } from "../clock.ts";
import type { ServerAddress } from "./postgres/address.ts";
import { TypeCatalog } from "./result/types.ts";

/** Who connects, and to what. */
export interface Login {
  readonly user: string;
  readonly password: string;
  readonly database: string;
}

/** A connection of our own for as long as it is not released. */
export interface Session {
  readonly client: PoolClient;
  readonly catalog: TypeCatalog;
  /** Asks the server to end the statement that is running. */
  cancel(): void;
  /** Resolves when no cancellation is on its way that could still hit the next statement. */
  settled(): Promise<void>;
  /** Gives the connection back; `broken` closes it, which rolls back what is open. */
  release(broken?: boolean): void;
}

/** What sessions are for: open transactions must never keep single statements waiting. */
export type Purpose = "statement" | "transaction";

const maxConnections: Readonly<Record<Purpose, number>> = { statement: 24, transaction: 96 };
const connectWithinMs = 20_000;
/** "Calls to the Data API time out after 45 seconds" (ExecuteStatement, continueAfterTimeout). */
const statementTimeoutMs = 45_000;

/** Bounded pools of connections, one for each login and purpose. */
export class Sessions {
  readonly #address: ServerAddress;
  readonly #clock: Clock;
  readonly #admin: Pool;
  readonly #pools = new Map<string, { pool: Pool; catalog: TypeCatalog }>();
  readonly #running = new Map<Session, Promise<unknown>>();

  constructor(address: ServerAddress, clock: Clock) {
    this.#address = address;
    this.#clock = clock;
    this.#admin = this.#makePool(address, 2);
  }

  /** The server's administrator, for making roles and databases. */
  get admin(): Pool {
    return this.#admin;
  }

  async open(login: Login, purpose: Purpose): Promise<Session> {
    const passwordHash = createHash("sha256").update(login.password).digest("hex");
    const key = JSON.stringify([purpose, login.user, passwordHash, login.database]);
    let entry = this.#pools.get(key);
    if (!entry) {
      entry = {
        pool: this.#makePool(login, maxConnections[purpose]),
        catalog: new TypeCatalog(),
      };
      this.#pools.set(key, entry);
    }
    const { pool, catalog } = entry;
    let client: PoolClient;
    try {
      client = await pool.connect();
    } catch (error) {
      // A wrong password or database must not leave a pool behind for ever.
      if (pool.totalCount === 0 && this.#pools.get(key) === entry) {
        this.#pools.delete(key);
        void pool.end();
      }
      throw error;
    }
    let cancellation: Promise<unknown> | undefined;
    return {
      client,
      catalog,
      cancel: () => {
        const pid = "processID" in client ? client.processID : null;
        cancellation = this.#admin.query("SELECT pg_cancel_backend($1)", [pid]).catch(() => {});
      },
      settled: async () => void (await cancellation),
      // A connection that was told to cancel might still do so a moment later: nobody else gets it.
      release: (broken = false) => client.release(broken || cancellation !== undefined),
    };
  }

  /**
   * Works in a session for 45 seconds at most, then answers StatementTimeoutException. The work itself is
   * ended, or with `continueAfterTimeout` goes on; `done` is called when it is over in any case.
   */
  async work<T>(
    session: Session,
    options: { readonly continueAfterTimeout: boolean; readonly done: () => void },
    work: () => Promise<T>,
  ): Promise<T> {
    const toItsEnd = async (): Promise<T> => {
      try {
        return await work();
      } finally {
        await session.settled();
        this.#running.delete(session);
        options.done();
      }
    };
    const running = toItsEnd();
    this.#running.set(session, running);
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const timer = this.#clock.schedule(statementTimeoutMs, () => {
      if (!options.continueAfterTimeout) session.cancel();
      reject(new AwsError("StatementTimeoutException", "Request timed out"));
    });
    running.then(resolve, reject);
    return promise.finally(() => timer.cancel());
  }

  /** Ends what is running and closes every connection. */
  async close(): Promise<void> {
    for (const session of this.#running.keys()) session.cancel();
    await Promise.allSettled(this.#running.values());
    // Forgotten first: a connection that fails meanwhile must not end its pool a second time.
    const pools = [...this.#pools.values()];
    this.#pools.clear();
    await Promise.all(pools.map(({ pool }) => pool.end()));
    await this.#admin.end();
  }

  #makePool(login: Login, max: number): Pool {
    const { host, port, ssl } = this.#address;
    const pool = new Pool({
      host,
      port,
      ...(ssl === undefined ? {} : { ssl }),
      user: login.user,
      password: login.password,
      database: login.database,
      max,
      connectionTimeoutMillis: connectWithinMs,
      idleTimeoutMillis: 30_000,
      allowExitOnIdle: true,
      application_name: "rds-data",
      options: "-c timezone=UTC -c datestyle=ISO,YMD",
    });
    // A connection that breaks fails the statement on it; these say it a second time.
    pool.on("error", () => {});
    pool.on("connect", (client) => client.on("error", () => {}));
    return pool;
  }
}

/** Commands that leave nothing behind in a session. */
const stateless = new Set(["SELECT", "INSERT", "UPDATE", "DELETE", "MERGE"]);

/**
 * Gives a connection back as the next caller expects it: no transaction open, no setting, no temporary
 * table of somebody else's.
 */
export async function releaseClean(session: Session, command: string | undefined): Promise<void> {
  try {
    if (session.client.getTransactionStatus() !== "I") await session.client.query("ROLLBACK");
    if (command === undefined || !stateless.has(command)) await session.client.query("DISCARD ALL");
    session.release();
  } catch {
    session.release(true);
  }
}
