import { randomBytes, randomUUID } from "node:crypto";
import type { DatabaseSync } from "node:sqlite";
import { AwsError, type CloudContext } from "@sluice/cloud";
import { z } from "zod";

/** "Quotas on key value stores". */
export const quotas = {
  keyBytes: 512,
  valueBytes: 1024,
  storeBytes: 5 * 1024 * 1024,
  keysPerUpdate: 50,
} as const;

/** What is known of a store besides its keys. Times in milliseconds since the epoch. */
export interface StoreSummary {
  readonly arn: string;
  readonly id: string;
  readonly name: string;
  /** Changes with every write. */
  readonly etag: string;
  readonly createdAt: number;
  readonly modifiedAt: number;
  readonly itemCount: number;
  /** Of all keys and values. */
  readonly totalBytes: number;
}

export interface KeyChanges {
  readonly puts: readonly { readonly key: string; readonly value: string }[];
  readonly deletes: readonly string[];
}

const storeRow = z.object({
  arn: z.string(),
  id: z.string(),
  name: z.string(),
  etag: z.string(),
  created_at: z.number(),
  modified_at: z.number(),
});
const keyRow = z.object({ arn: z.string(), key: z.string(), value: z.string() });

interface Store extends Omit<StoreSummary, "itemCount"> {
  readonly values: ReadonlyMap<string, string>;
}

/**
 * CloudFront's key value stores: in the tables `cloudfront_*`, and in memory for the edge, which
 * asks at every request and sees a write as soon as it is answered.
 */
export class KeyValueStores {
  readonly #context: Pick<CloudContext, "accountId" | "clock" | "database" | "transaction">;
  readonly #stores: Map<string, Store>;

  constructor(context: Pick<CloudContext, "accountId" | "clock" | "database" | "transaction">) {
    this.#context = context;
    this.#stores = load(context.database);
  }

  /** The store of this name, made when there is none. */
  ensure(name: string): StoreSummary {
    const found = [...this.#stores.values()].find((store) => store.name === name);
    if (found) return summaryOf(found);
    const { accountId, clock } = this.#context;
    const id = randomUUID();
    const now = clock.now();
    const store = {
      arn: `arn:aws:cloudfront::${accountId}:key-value-store/${id}`,
      id,
      name,
      etag: newEtag(),
      createdAt: now,
      modifiedAt: now,
      totalBytes: 0,
      values: new Map(),
    };
    this.#write(store);
    return this.#keep(store);
  }

  remove(name: string): void {
    for (const { arn } of [...this.#stores.values()].filter((store) => store.name === name)) {
      this.#context.database.prepare("DELETE FROM cloudfront_stores WHERE arn = ?").run(arn);
      this.#stores.delete(arn);
    }
  }

  has(arn: string): boolean {
    return this.#stores.has(arn);
  }

  /** @throws AwsError ResourceNotFoundException */
  describe(arn: string): StoreSummary {
    return summaryOf(this.#store(arn));
  }

  /** The value of a key; undefined when there is none, or no such store. */
  read(arn: string, key: string): string | undefined {
    return this.#stores.get(arn)?.values.get(key);
  }

  /** Keys after `after`, in order, at most `limit`. @throws AwsError ResourceNotFoundException */
  list(arn: string, after: string | undefined, limit: number): [key: string, value: string][] {
    return [...this.#store(arn).values]
      .filter(([key]) => after === undefined || key > after)
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .slice(0, limit);
  }

  /**
   * All changes or none, if the store is as the caller saw it.
   * @throws AwsError ResourceNotFoundException, ConflictException, ServiceQuotaExceededException
   */
  update(arn: string, etag: string, { puts, deletes }: KeyChanges): StoreSummary {
    const store = this.#store(arn);
    if (etag !== store.etag) {
      const message = "The If-Match version is not the current one; describe the store again.";
      throw new AwsError("ConflictException", message, 409);
    }
    const values = new Map(store.values);
    for (const key of deletes) {
      if (!values.delete(key))
        throw new AwsError("ResourceNotFoundException", `No key ${key}.`, 404);
    }
    for (const { key, value } of puts) values.set(key, value);
    const totalBytes = [...values].reduce((sum, pair) => sum + bytesOf(pair), 0);
    if (totalBytes > quotas.storeBytes) {
      const message = "The store would hold more than 5 MB.";
      throw new AwsError("ServiceQuotaExceededException", message, 402);
    }
    const { transaction, database, clock } = this.#context;
    const changed = { ...store, values, totalBytes, etag: newEtag(), modifiedAt: clock.now() };
    transaction(() => {
      const gone = database.prepare("DELETE FROM cloudfront_keys WHERE arn = ? AND key = ?");
      for (const key of deletes) gone.run(arn, key);
      const put = database.prepare(
        `INSERT INTO cloudfront_keys (arn, key, value) VALUES (?, ?, ?)
         ON CONFLICT (arn, key) DO UPDATE SET value = excluded.value`,
      );
      for (const { key, value } of puts) put.run(arn, key, value);
      this.#write(changed);
    });
    return this.#keep(changed);
  }

  /** @throws AwsError ResourceNotFoundException */
  #store(arn: string): Store {
    const store = this.#stores.get(arn);
    if (store) return store;
    throw new AwsError("ResourceNotFoundException", `There is no key value store ${arn}.`, 404);
  }

  #write(store: Store): void {
    this.#context.database
      .prepare(
        `INSERT INTO cloudfront_stores (arn, id, name, etag, created_at, modified_at)
         VALUES (?, ?, ?, ?, ?, ?)
         ON CONFLICT (arn) DO UPDATE SET etag = excluded.etag, modified_at = excluded.modified_at`,
      )
      .run(store.arn, store.id, store.name, store.etag, store.createdAt, store.modifiedAt);
  }

  /** For the edge, once it is on disk. */
  #keep(store: Store): StoreSummary {
    this.#stores.set(store.arn, store);
    return summaryOf(store);
  }
}

function load(database: DatabaseSync): Map<string, Store> {
  database.exec(`
    CREATE TABLE IF NOT EXISTS cloudfront_stores (
      arn TEXT PRIMARY KEY,
      id TEXT NOT NULL,
      name TEXT NOT NULL UNIQUE,
      etag TEXT NOT NULL,
      created_at INTEGER NOT NULL,
      modified_at INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE IF NOT EXISTS cloudfront_keys (
      arn TEXT NOT NULL REFERENCES cloudfront_stores ON DELETE CASCADE,
      key TEXT NOT NULL,
      value TEXT NOT NULL,
      PRIMARY KEY (arn, key)
    ) STRICT;
  `);
  const keys = Map.groupBy(
    database
      .prepare("SELECT arn, key, value FROM cloudfront_keys")
      .all()
      .map((row) => keyRow.parse(row)),
    ({ arn }) => arn,
  );
  return new Map(
    database
      .prepare("SELECT * FROM cloudfront_stores")
      .all()
      .map((row): [string, Store] => {
        const { created_at: createdAt, modified_at: modifiedAt, ...named } = storeRow.parse(row);
        const pairs = (keys.get(named.arn) ?? []).map(({ key, value }) => [key, value] as const);
        const totalBytes = pairs.reduce((sum, pair) => sum + bytesOf(pair), 0);
        const values = new Map(pairs);
        return [named.arn, { ...named, createdAt, modifiedAt, totalBytes, values }];
      }),
  );
}

function summaryOf({ values, ...store }: Store): StoreSummary {
  return { ...store, itemCount: values.size };
}

const bytesOf = ([key, value]: readonly [string, string]) =>
  Buffer.byteLength(key) + Buffer.byteLength(value);

/** As CloudFront's look. */
const newEtag = () => `KV${randomBytes(7).toString("hex").toUpperCase().slice(0, 13)}`;
