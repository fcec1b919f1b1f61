import type { Clock } from "./clock.ts";
import type { Log } from "./context.ts";

const pageSize = 100;
/** After a failure of the outbox itself, for example a full disk. */
const restMs = 60_000;

export interface OutboxParts<Row> {
  readonly clock: Clock;
  readonly log: Log;
  /** What is sent, for the log: `S3 events`. */
  readonly what: string;
  /** What is due at `now` (epoch milliseconds), at most `limit` of it. */
  due(now: number, limit: number): readonly Row[];
  /** When the next row falls due; undefined when there is none. */
  nextDueAt(): number | undefined;
  /** Sends one row. It is then deleted or due later: else it is sent again at once. */
  send(row: Row): Promise<void>;
}

export interface Outbox {
  /** Sends what is due. Called after a commit. */
  flush(): void;
  start(): void;
  /** Resolves when nothing is being sent any more. */
  stop(): Promise<void>;
}

/** Sends rows of a table as they fall due, one at a time, until stopped. */
export function createOutbox<Row>(parts: OutboxParts<Row>): Outbox {
  const { clock, log, what } = parts;
  let running = false;
  let sending: Promise<void> | undefined;
  let again = false;
  let timer: { cancel(): void } | undefined;

  async function drain(): Promise<void> {
    do {
      again = false;
      for (;;) {
        const rows = parts.due(clock.now(), pageSize);
        for (const row of rows) {
          if (!running) return;
          await parts.send(row);
        }
        if (rows.length < pageSize) break;
      }
    } while (again);
    const next = parts.nextDueAt();
    timer?.cancel();
    if (running && next !== undefined) timer = clock.schedule(next - clock.now(), flush);
  }

  function flush(): void {
    if (!running) return;
    if (sending) {
      again = true;
      return;
    }
    sending = drain()
      .catch((error: unknown) => {
        log("error", `${what} could not be sent`, { error: String(error) });
        if (running) timer = clock.schedule(restMs, flush);
      })
      .finally(() => {
        sending = undefined;
        // A flush that came while the last lines of `drain` ran.
        if (again) flush();
      });
  }

  return {
    flush,
    start() {
      running = true;
      flush();
    },
    async stop() {
      running = false;
      timer?.cancel();
      await sending;
    },
  };
}
