import type { S3Environment } from "./environment.ts";
import { afterPrefix } from "./key-order.ts";
import type { Bucket } from "./storage/bucket-store.ts";

const dayMs = 24 * 3_600_000;
const everyMs = 3_600_000;
const batch = 500;

/**
 * The latest beginning of something that is due `days` after it began. S3 rounds the day it falls
 * due up to the next midnight UTC.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/intro-lifecycle-rules.html
 */
export function dueSince(now: number, days: number): number {
  return Math.floor(now / dayMs) * dayMs - days * dayMs;
}

/** Aborts stale uploads and expires objects, every hour of the cloud's clock. */
export function createLifecycle(environment: S3Environment) {
  const { clock, log } = environment.context;
  let timer: { cancel(): void } | undefined;
  let running = false;

  function sweep(): void {
    for (const bucket of environment.buckets.list()) {
      for (const rule of bucket.configuration.lifecycle) {
        if (rule.abortUploadsAfterDays !== undefined) {
          abortUploads(bucket, rule.prefix, dueSince(clock.now(), rule.abortUploadsAfterDays));
        }
        if (rule.expireAfterDays !== undefined) {
          expireObjects(bucket, rule.prefix, dueSince(clock.now(), rule.expireAfterDays));
        }
      }
    }
  }

  function abortUploads({ name }: Bucket, prefix: string, until: number): void {
    for (;;) {
      const stale = environment.uploads.initiatedBefore(
        name,
        prefix,
        afterPrefix(prefix),
        until,
        batch,
      );
      for (const upload of stale) {
        environment.commit(() => ({
          result: undefined,
          freed: environment.uploads.abort(upload.id),
        }));
      }
      if (stale.length > 0)
        log("info", "Stale uploads were aborted", { bucket: name, count: stale.length });
      if (stale.length < batch) return;
    }
  }

  function expireObjects({ name }: Bucket, prefix: string, until: number): void {
    for (;;) {
      const keys = environment.objects.keysOlderThan(
        name,
        prefix,
        afterPrefix(prefix),
        until,
        batch,
      );
      environment.commit(() => {
        const freed = keys.flatMap((key) => {
          environment.notifications.record({
            name: "LifecycleExpiration:Delete",
            bucket: name,
            key,
            requester: { id: "s3.amazonaws.com", address: "127.0.0.1", requestId: "lifecycle" },
          });
          return environment.objects.remove(name, key).freed;
        });
        return { result: undefined, freed };
      });
      if (keys.length > 0)
        log("info", "Objects have expired", { bucket: name, count: keys.length });
      if (keys.length < batch) return;
    }
  }

  function run(): void {
    if (!running) return;
    try {
      sweep();
    } catch (error) {
      log("error", "The lifecycle rules of S3 could not be applied", { error: String(error) });
    }
    timer = clock.schedule(everyMs, run);
  }

  return {
    start(): void {
      running = true;
      run();
    },
    stop(): void {
      running = false;
      timer?.cancel();
    },
  };
}
