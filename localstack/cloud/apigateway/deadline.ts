import type { Clock } from "../clock.ts";

/**
 * Waits for work at most so long. The work itself goes on, as a function does whose caller left.
 *
 * @throws what `late` makes
 */
export function withDeadline<T>(
  clock: Clock,
  timeoutMs: number,
  work: Promise<T>,
  late: () => Error,
): Promise<T> {
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  const timer = clock.schedule(timeoutMs, () => reject(late()));
  work.then(resolve, reject);
  return promise.finally(() => timer.cancel());
}
