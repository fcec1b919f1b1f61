import type { TaskMessage } from "@sluice/contracts";
import type { Encoder, LinkTransfer, Log, TaskOffice } from "../ports.ts";
import { UndecodableError } from "../ports.ts";
import { Delivery, GoneError } from "./delivery.ts";
import { join } from "./fmp4.ts";
import type { CommitRequest, Grant } from "./office.ts";
import { segmentsOf } from "./segmenter.ts";
import { segmentsOfTask } from "./tasks.ts";

export interface RunTaskPorts {
  readonly office: TaskOffice;
  readonly transfer: LinkTransfer;
  readonly encoder: Encoder;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** MD5 and SHA-256 in hexadecimal. */
  readonly digest: (algorithm: "md5" | "sha256", bytes: Uint8Array) => string;
}

export interface Attempt {
  readonly log: Log;
  /** SQS will not deliver the message again: a failure now is for good. */
  readonly isLast: boolean;
  readonly signal: AbortSignal;
}

/**
 * Does one task: leases it, encodes, sends what it makes by the leased links, commits as it goes.
 * May be killed at any time and run again, elsewhere and twice at once: the bytes are the same.
 *
 * @throws Error when another attempt is worth it
 */
export const runTask = (ports: RunTaskPorts) => {
  const { office, encoder } = ports;

  /** A film without a poster is still a film: what cannot be made is left out. */
  const posterOf = async (movie: readonly Uint8Array[], log: Log, signal: AbortSignal) => {
    // An init segment alone: the source ends before its first picture.
    if (movie.length < 2) return undefined;
    try {
      return await encoder.makePoster(join(movie), signal);
    } catch (error) {
      signal.throwIfAborted();
      log.warn("There is no poster", { reason: String(error) });
      return undefined;
    }
  };

  const makeTracks = async (
    grant: Grant,
    base: CommitRequest,
    log: Log,
    signal: AbortSignal,
  ): Promise<void> => {
    const stop = new AbortController();
    const either = AbortSignal.any([signal, stop.signal]);
    const { tracks, segments } = segmentsOfTask(grant.plan, grant.spec);
    const delivery = new Delivery(ports, grant, base, tracks, either);
    const run =
      grant.spec.kind === "transcode"
        ? await encoder.encodeChunk(grant.plan, grant.spec.chunk, grant.source, either)
        : await encoder.encodeAudio(grant.plan, grant.source, either);
    const forPoster: Uint8Array[] = [];
    const deliveries = run.outputs.map(async ({ track, stream }) => {
      for await (const product of segmentsOf(grant.plan.timeline, track, segments, stream)) {
        if (grant.poster && track === grant.plan.posterRendition) forPoster.push(product.bytes);
        await delivery.take(product);
      }
    });
    // The first to fail tells why; the others end because of it.
    const all = [run.done, ...deliveries].map((part) =>
      part.catch((error: unknown) => {
        stop.abort(error);
        throw error;
      }),
    );
    const settled = await Promise.allSettled(all);
    if (stop.signal.aborted) {
      if (stop.signal.reason instanceof GoneError) await office.commit(base, signal);
      throw stop.signal.reason;
    }
    for (const part of settled) if (part.status === "rejected") throw part.reason;
    await delivery.finish(await posterOf(forPoster, log, signal));
  };

  return async (message: TaskMessage, { log, isLast, signal }: Attempt): Promise<void> => {
    const { videoId, taskId, ticket } = message;
    const grant = await office.lease({ videoId, taskId, ticket }, signal);
    const base = {
      videoId,
      taskId,
      ticket,
      planHash: "0".repeat(16),
      segments: [],
      inits: [],
      finished: false,
    } satisfies CommitRequest;
    if (grant.state === "gone") {
      // An earlier attempt may have died after it sent something.
      await office.commit(base, signal);
      log.info("Nobody wants this task any more", { task_id: taskId });
      return;
    }
    if (grant.state === "finished") {
      // An earlier attempt may have died between recording and showing.
      await office.commit({ ...base, planHash: grant.planHash, finished: true }, signal);
      return;
    }
    const named = { ...base, planHash: grant.planHash };
    try {
      await makeTracks(grant, named, log, signal);
      log.info("Task done", { task_id: taskId });
    } catch (error) {
      if (error instanceof GoneError) {
        log.info("Nobody wants this task any more", { task_id: taskId });
        return;
      }
      const undecodable = error instanceof UndecodableError;
      if (!undecodable && !isLast) throw error;
      log.warn("Task given up", { task_id: taskId, reason: String(error) });
      await office.commit(
        { ...named, failure: undecodable ? "undecodable" : "gave-up" },
        AbortSignal.timeout(10_000),
      );
    }
  };
};
