import { commitPortsFromEnvironment } from "../adapters/commit-ports.ts";
import { commitTask } from "../domain/commit-task.ts";
import { type CommitAnswer, commitRequestSchema } from "../domain/office.ts";

const commit = commitTask(commitPortsFromEnvironment());

/** Invoked by `transcode`, and waited for. */
export const handler = async (event: unknown): Promise<CommitAnswer> =>
  commit(commitRequestSchema.parse(event));
