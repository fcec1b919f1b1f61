import type { TaskMessage } from "@sluice/contracts";
import type { Encoder, MetadataReader } from "../ports.ts";
import { UndecodableError } from "../ports.ts";
import { type DeliveryPorts, GoneError } from "./delivery.ts";
import { makeStoryboard } from "./make-storyboard.ts";
import { type Attempt, makeTracks } from "./make-tracks.ts";
import type { CommitRequest, Grant } from "./office.ts";

export interface RunTaskPorts extends DeliveryPorts {
  readonly encoder: Encoder;
  readonly metadata: MetadataReader;
}

/**
 * Does one task: leases it, makes what it is for, sends it by the leased links, commits. May be
 * killed at any time and run again, elsewhere and twice at once: the bytes are the same.
 *
 * @throws Error when another attempt is worth it
 */
export const runTask = (ports: RunTaskPorts) => {
  const { office, metadata } = ports;

  const commitWhole = async (request: CommitRequest, signal: AbortSignal): Promise<void> => {
    const answer = await office.commit({ ...request, finished: true }, signal);
    if (answer.state === "gone") {
      // It may have sent something after the rest was removed.
      await office.commit(request, signal);
      throw new GoneError();
    }
    if (answer.state === "refused") throw new Error(`The commit was refused: ${answer.reason}`);
  };

  const make = async (grant: Grant, base: CommitRequest, attempt: Attempt): Promise<void> => {
    const { signal } = attempt;
    if (grant.makes === "tracks") return makeTracks(ports, grant, base, attempt);
    const made =
      grant.makes === "storyboard"
        ? { storyboard: await makeStoryboard(ports, grant, signal) }
        : { metadata: await metadata.read(grant.source, signal) };
    await commitWhole({ ...base, ...made }, signal);
  };

  return async (message: TaskMessage, attempt: Attempt): Promise<void> => {
    const { videoId, taskId, ticket } = message;
    const { log, isLast, signal } = attempt;
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
    if (grant.state === "early") {
      log.info("This task is sent again when its turn comes", { task_id: taskId });
      return;
    }
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
      await make(grant, named, attempt);
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
