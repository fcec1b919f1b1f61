import { leasePortsFromEnvironment } from "../adapters/lease-ports.ts";
import { leaseTask } from "../domain/lease-task.ts";
import { type LeaseAnswer, leaseRequestSchema } from "../domain/office.ts";

const lease = leaseTask(leasePortsFromEnvironment());

/** Invoked by `transcode`, and waited for. */
export const handler = async (event: unknown): Promise<LeaseAnswer> =>
  lease(leaseRequestSchema.parse(event));
