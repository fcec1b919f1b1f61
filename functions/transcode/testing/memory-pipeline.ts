import { createHash, randomUUID } from "node:crypto";
import type { Dispatch, PackageMessage, TaskMessage } from "@sluice/contracts";
import { askToSettle } from "../domain/ask-to-settle.ts";
import { commitTask } from "../domain/commit-task.ts";
import type { FailedDelivery } from "../domain/failed-delivery.ts";
import { mediaPrefix, sourceKey } from "../domain/keys.ts";
import { leaseTask } from "../domain/lease-task.ts";
import {
  commitAnswerSchema,
  commitRequestSchema,
  leaseAnswerSchema,
  leaseRequestSchema,
} from "../domain/office.ts";
import { packageVideo } from "../domain/package-video.ts";
import { planVideo } from "../domain/plan-video.ts";
import { retireFailedTask } from "../domain/retire-failed-task.ts";
import { runTask } from "../domain/run-task.ts";
import { settleVideo } from "../domain/settle-video.ts";
import type { Encoder, Log, MetadataReader, Prober, TaskOffice, TaskQueue } from "../ports.ts";
import { MemoryBuckets } from "./memory-buckets.ts";
import { MemoryStore } from "./memory-store.ts";

export const silentLog: Log = { info: () => {}, warn: () => {} };

/** Called before each step that crosses a border; what it throws is that step's failure. */
export type Fault = (step: string) => void;

export interface MemoryPipelineOptions {
  readonly prober: (buckets: MemoryBuckets) => Prober;
  readonly encoder: (buckets: MemoryBuckets) => Encoder;
  readonly metadata: (buckets: MemoryBuckets) => MetadataReader;
  readonly fault?: Fault;
  readonly maxReceives?: number;
  /** Of the videos that are added; default `pull`. */
  readonly dispatch?: Dispatch;
}

/** Attempts of Lambda at one asynchronous event. */
const maxPushes = 3;

/** The whole pipeline in one process, with queues that deliver what fails again. */
export const createMemoryPipeline = (options: MemoryPipelineOptions) => {
  const store = new MemoryStore();
  const buckets = new MemoryBuckets();
  const fault = options.fault ?? (() => {});
  const maxReceives = options.maxReceives ?? 50;
  const tasks: { message: TaskMessage; receives: number; dispatch: Dispatch }[] = [];
  const packages: PackageMessage[] = [];
  const announced: string[] = [];
  const announce = async (videoId: string) => void announced.push(videoId);
  const taskQueue = (dispatch: Dispatch): TaskQueue => ({
    send: async (messages) => {
      fault("send tasks");
      tasks.push(...messages.map((message) => ({ message, receives: 0, dispatch })));
    },
  });
  const queues = { pull: taskQueue("pull"), push: taskQueue("push") };
  const packageQueue = {
    send: async (message: PackageMessage) => {
      fault("send package");
      packages.push(message);
    },
  };
  const { media, sources, links } = buckets;
  const settle = settleVideo({ store, media, packages: packageQueue, queues });
  const lease = leaseTask({ store, sources, links, now: () => new Date() });
  const commit = commitTask({
    store,
    media,
    packages: packageQueue,
    settle: async (videoId, occasion) => {
      fault("settle");
      await settle(videoId, occasion);
      fault("settled");
    },
  });
  const office: TaskOffice = {
    lease: async (request) => {
      fault("lease");
      return leaseAnswerSchema.parse(await lease(leaseRequestSchema.parse(request)));
    },
    commit: async (request) => {
      fault("commit");
      const answer = commitAnswerSchema.parse(await commit(commitRequestSchema.parse(request)));
      fault("committed");
      return answer;
    },
  };
  const run = runTask({
    office,
    transfer: {
      put: async (link, bytes, signal) => {
        fault("put");
        await buckets.transfer.put(link, bytes, signal);
      },
    },
    encoder: options.encoder(buckets),
    metadata: options.metadata(buckets),
    now: Date.now,
    digest: (algorithm, bytes) => createHash(algorithm).update(bytes).digest("hex"),
  });
  const plan = planVideo({
    store,
    sources,
    prober: options.prober(buckets),
    queues,
    announce,
  });
  const retire = retireFailedTask({
    store,
    packages: packageQueue,
    settle: askToSettle({ store, queues }),
  });
  const finish = packageVideo({
    store,
    media,
    sources,
    announce,
    finishDeletion: async (videoId) => {
      await media.removeAll(mediaPrefix(videoId));
      await sources.remove(videoId);
      store.rows.delete(videoId);
    },
  });
  const signal = new AbortController().signal;

  /** Delivers what waits until nothing does; `pick` chooses among `count` waiting tasks. */
  const drain = async (pick: (count: number) => number = () => 0): Promise<void> => {
    while (tasks.length > 0 || packages.length > 0) {
      const [entry] = tasks.splice(pick(tasks.length), 1);
      if (entry) {
        entry.receives += 1;
        // Push does not know which attempt is its last: what follows it is another function.
        const isPushed = entry.dispatch === "push";
        const isOver = entry.receives >= (isPushed ? maxPushes : maxReceives);
        const attempt = { log: silentLog, isLast: isOver && !isPushed, signal };
        await run(entry.message, attempt).catch(async () => {
          if (!isOver) tasks.push(entry);
          else if (isPushed) await retire({ task: entry.message, cause: "failed" }, silentLog);
        });
      }
      const message = packages.shift();
      if (message) await finish(message.videoId, silentLog).catch(() => packages.push(message));
    }
  };

  return {
    store,
    buckets,
    office,
    tasks,
    /** The ways in, for whoever sends besides. */
    senders: { queues, packages: packageQueue },
    packages,
    /** Videos that others were told of. */
    announced,
    drain,
    retire: (message: TaskMessage, cause: FailedDelivery["cause"]) =>
      retire({ task: message, cause }, silentLog),
    run: (message: TaskMessage) => run(message, { log: silentLog, isLast: false, signal }),
    plan: (videoId: string) => plan(videoId, silentLog, signal),
    /** As if it had been uploaded. */
    add: (bytes: Uint8Array, fileName = "film.mp4"): string => {
      const videoId = randomUUID();
      store.addVideo(videoId, fileName, "planning", options.dispatch);
      buckets.put(sourceKey(videoId), bytes);
      return videoId;
    },
  };
};
