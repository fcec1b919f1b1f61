/** https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
export const MAX_SYNC_PAYLOAD_BYTES = 6_291_456;
/** The response may be a little longer than the request, for its envelope. */
export const MAX_RESPONSE_BYTES = 6_291_556;
export const MAX_ASYNC_PAYLOAD_BYTES = 1_048_576;
export const ACCOUNT_CONCURRENCY = 1000;
export const MAX_ENVIRONMENT_BYTES = 4096;
/** Time for a function to load before its first invocation, besides its own timeout. */
export const INIT_SECONDS = 10;
/** One whole vCPU comes with this much memory. */
const MEMORY_MB_PER_VCPU = 1769;

/**
 * How many environments of one function this host runs at once: CPU comes with memory, as on AWS,
 * and the host gives away twice what it has, since functions also wait. Work above it queues.
 */
export function hostConcurrency(memoryMb: number, cores: number): number {
  const fits = Math.floor((2 * cores * MEMORY_MB_PER_VCPU) / memoryMb);
  return Math.min(8 * cores, Math.max(2, fits));
}
