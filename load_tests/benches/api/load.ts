import autocannon from "autocannon";
import { percentile } from "../../core/statistics.ts";

export interface Target {
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** What every answer must have, or the measurement is worth nothing. */
  readonly status: number;
}

export interface LoadResult {
  readonly requestsASecond: number;
  readonly p50: number;
  readonly p99: number;
}

/** The stage's own throttle; on a fast machine it is what is measured, and said so. */
const throttled = 429;

/**
 * `connections` callers who each ask again as soon as they are answered. Latencies in milliseconds.
 * @throws Error when anything is answered with another status
 */
export async function load(
  { url, headers = {}, status }: Target,
  { connections, seconds }: { readonly connections: number; readonly seconds: number },
): Promise<LoadResult> {
  const latencies: number[] = [];
  const wrong = new Map<number, number>();
  const options = { url, headers: { ...headers }, connections, duration: seconds };
  const { errors, duration } = await new Promise<autocannon.Result>((resolve, reject) => {
    autocannon(options, (error, result) => (error ? reject(error) : resolve(result))).on(
      "response",
      (_client, answered, _bytes, ms) => {
        if (answered === status) latencies.push(ms);
        else if (answered !== throttled) wrong.set(answered, (wrong.get(answered) ?? 0) + 1);
      },
    );
  });
  if (errors > 0 || wrong.size > 0) {
    const statuses = JSON.stringify(Object.fromEntries(wrong));
    throw new Error(`${url}: ${errors} errors, and answers other than ${status}: ${statuses}.`);
  }
  return {
    requestsASecond: latencies.length / duration,
    p50: percentile(latencies, 0.5),
    p99: percentile(latencies, 0.99),
  };
}

/** Asks once; the time to the end of the answer, in milliseconds. */
export async function askOnce({ url, headers = {}, status }: Target): Promise<number> {
  const began = performance.now();
  const answer = await fetch(url, { headers });
  await answer.arrayBuffer();
  if (answer.status !== status) throw new Error(`${url} answered ${answer.status}, not ${status}.`);
  return performance.now() - began;
}
