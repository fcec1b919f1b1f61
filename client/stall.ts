import type { Clock } from "./clock.ts";
import { UnreachableError } from "./errors.ts";

/**
 * Runs an attempt that must keep moving: when `moved` is not called for `stallMs`, its signal
 * aborts and the attempt counts as unreachable. A dead connection can otherwise last for hours.
 */
export async function withStallDetection<T>(
  work: (signal: AbortSignal, moved: () => void) => Promise<T>,
  options: { readonly clock: Clock; readonly stallMs: number; readonly signal: AbortSignal },
): Promise<T> {
  const { clock, stallMs, signal } = options;
  const stalled = new AbortController();
  let movedAt = clock.now();
  const check = () => {
    const stillMs = clock.now() - movedAt;
    if (stillMs >= stallMs) {
      stalled.abort(new UnreachableError(`The connection stood still for ${stallMs / 1000} s.`));
      return;
    }
    timer = clock.schedule(stallMs - stillMs, check);
  };
  let timer = clock.schedule(stallMs, check);
  try {
    return await work(AbortSignal.any([signal, stalled.signal]), () => {
      movedAt = clock.now();
    });
  } catch (error) {
    signal.throwIfAborted();
    throw stalled.signal.aborted ? stalled.signal.reason : error;
  } finally {
    timer.cancel();
  }
}
