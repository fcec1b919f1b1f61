import type { CloudContext } from "../../context.ts";
import { type BucketConfiguration, bucketConfiguration } from "../bucket-configuration.ts";
import { noSuchBucket } from "../errors.ts";

export interface Bucket {
  readonly name: string;
  readonly createdAt: number;
  readonly configuration: BucketConfiguration;
  readonly policy: string | undefined;
}

export function createBucketStore(context: CloudContext) {
  const { database } = context;
  const select = database.prepare("SELECT * FROM s3_buckets WHERE name = ?");
  const selectAll = database.prepare("SELECT * FROM s3_buckets ORDER BY name");
  const upsert = database.prepare(`
    INSERT INTO s3_buckets (name, created_at, configuration) VALUES (?, ?, ?)
    ON CONFLICT (name) DO UPDATE SET configuration = excluded.configuration`);
  const updatePolicy = database.prepare("UPDATE s3_buckets SET policy = ? WHERE name = ?");
  const remove = database.prepare("DELETE FROM s3_buckets WHERE name = ?");
  const used = database.prepare(`
    SELECT EXISTS (SELECT 1 FROM s3_objects WHERE bucket = :bucket)
        OR EXISTS (SELECT 1 FROM s3_uploads WHERE bucket = :bucket) AS used`);
  /** Read at every request, changed at deploys. */
  const cache = new Map<string, Bucket>();

  function find(name: string): Bucket | undefined {
    const cached = cache.get(name);
    if (cached) return cached;
    const row = select.get(name);
    if (!row) return undefined;
    const bucket = toBucket(row);
    cache.set(name, bucket);
    return bucket;
  }

  return {
    find,
    /** @throws AwsError NoSuchBucket */
    get(name: string): Bucket {
      const bucket = find(name);
      if (!bucket) throw noSuchBucket(name);
      return bucket;
    },
    list: (): Bucket[] => selectAll.all().map(toBucket),
    put(name: string, configuration: BucketConfiguration): void {
      upsert.run(name, context.clock.now(), JSON.stringify(configuration));
      cache.delete(name);
    },
    /** @throws AwsError NoSuchBucket */
    setPolicy(name: string, policy: string | undefined): void {
      if (updatePolicy.run(policy ?? null, name).changes === 0) throw noSuchBucket(name);
      cache.delete(name);
    },
    isEmpty: (name: string): boolean => used.get({ bucket: name })?.used === 0,
    remove(name: string): void {
      remove.run(name);
      cache.delete(name);
    },
  };
}

export type BucketStore = ReturnType<typeof createBucketStore>;

function toBucket(row: Record<string, unknown>): Bucket {
  return {
    name: String(row.name),
    createdAt: Number(row.created_at),
    configuration: bucketConfiguration.parse(JSON.parse(String(row.configuration))),
    policy: typeof row.policy === "string" ? row.policy : undefined,
  };
}
