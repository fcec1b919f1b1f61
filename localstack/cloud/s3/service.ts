import path from "node:path";
import { AwsError } from "../aws-error.ts";
import type { CloudContext } from "../context.ts";
import { diskFull, isDiskFull } from "../disk-full.ts";
import type { AwsService, QueueSender } from "../service.ts";
import { createBucketPolicyProvider } from "./bucket-policy-provider.ts";
import { createBucketProvider } from "./bucket-provider.ts";
import { answerPreflight, setCorsHeaders } from "./cors-answer.ts";
import type { S3Environment } from "./environment.ts";
import { createLifecycle } from "./lifecycle.ts";
import { createNotifications } from "./notifications.ts";
import { operationOf } from "./operations/router.ts";
import { S3Request } from "./request.ts";
import { type BlobFile, BlobStore } from "./storage/blob-store.ts";
import { createBucketStore } from "./storage/bucket-store.ts";
import { createObjectStore, type FreedBlobs } from "./storage/object-store.ts";
import { createTables } from "./storage/schema.ts";
import { createUploadStore } from "./storage/upload-store.ts";
import { refuseUnsupportedHeaders } from "./stored-headers.ts";

export interface S3Dependencies {
  /** Where notifications go. */
  readonly queues: QueueSender;
  /** Opens a new blob; the default is a file. */
  readonly openFile?: (file: string) => Promise<BlobFile>;
}

/** S3: objects as files under `dataDir/s3`, what is known of them in SQLite. */
export function createS3Service(context: CloudContext, dependencies: S3Dependencies): AwsService {
  const environment = createEnvironment(context, dependencies);
  const { blobs, buckets, notifications, objects } = environment;
  const lifecycle = createLifecycle(environment);

  const orphans = blobs.sweep(objects.knowsBlob);
  if (orphans > 0)
    context.log("info", "Unfinished uploads of the last run were removed", { orphans });

  return {
    signingName: "s3",
    resourceProviders: [createBucketProvider(environment), createBucketPolicyProvider(environment)],
    timedRows: [{ table: "s3_outbox", columns: ["created_at", "due_at"] }],
    rearm: () => notifications.flush(),
    prepare: (request, response) => setCorsHeaders(buckets, request, response),
    async handle(exchange) {
      const { request, response } = exchange;
      response.setHeader("x-amz-id-2", exchange.requestId);
      if (request.method === "OPTIONS") {
        answerPreflight(buckets, request, response);
        return;
      }
      if (exchange.identity.kind === "anonymous") {
        throw new AwsError("AccessDenied", "Access Denied", 403);
      }
      const s3Request = new S3Request(exchange);
      const operation = operationOf(s3Request);
      refuseUnsupportedHeaders(s3Request);
      await operation(environment, s3Request);
    },
    async start() {
      notifications.start();
      lifecycle.start();
    },
    async stop() {
      lifecycle.stop();
      await notifications.stop();
    },
  };
}

function createEnvironment(context: CloudContext, dependencies: S3Dependencies): S3Environment {
  createTables(context.database);
  const buckets = createBucketStore(context);
  const blobs = new BlobStore(
    path.join(context.dataDir, "s3", "blobs"),
    context.log,
    dependencies.openFile,
  );
  const notifications = createNotifications(context, buckets, dependencies.queues);
  return {
    context,
    buckets,
    blobs,
    notifications,
    objects: createObjectStore(context),
    uploads: createUploadStore(context),
    commit<T>(work: () => { readonly result: T; readonly freed: FreedBlobs }): T {
      const { result, freed } = inTransaction(context, work);
      void blobs.remove(freed);
      notifications.flush();
      return result;
    },
  };
}

function inTransaction<T>(context: CloudContext, work: () => T): T {
  try {
    return context.transaction(work);
  } catch (error) {
    throw isDiskFull(error) ? diskFull() : error;
  }
}
