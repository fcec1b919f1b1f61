import type { Clock } from "../clock.ts";

/**
 * Lets receivers sleep until a queue has something to receive: woken by a send, or by the clock
 * when a delay or a visibility timeout ends. Nobody polls.
 */
export class Readiness {
  readonly #clock: Clock;
  readonly #nextVisibleAt: (queue: string) => number | undefined;
  readonly #queues = new Map<string, { waiting: Set<() => void>; timer?: { cancel(): void } }>();

  constructor(clock: Clock, nextVisibleAt: (queue: string) => number | undefined) {
    this.#clock = clock;
    this.#nextVisibleAt = nextVisibleAt;
  }

  /**
   * Resolves when a message may be received, when `waitMs` have passed, or when `signal` aborts;
   * the caller looks for itself which it was.
   */
  wait(queue: string, signal: AbortSignal, waitMs?: number): Promise<void> {
    return new Promise((resolve) => {
      if (signal.aborted) return resolve();
      const state = this.#queues.get(queue) ?? { waiting: new Set() };
      this.#queues.set(queue, state);
      const deadline =
        waitMs === undefined ? undefined : this.#clock.schedule(waitMs, () => done());
      const done = () => {
        state.waiting.delete(done);
        deadline?.cancel();
        signal.removeEventListener("abort", done);
        if (state.waiting.size === 0) {
          state.timer?.cancel();
          if (this.#queues.get(queue) === state) this.#queues.delete(queue);
        }
        resolve();
      };
      state.waiting.add(done);
      signal.addEventListener("abort", done, { once: true });
      this.changed(queue);
    });
  }

  /** To be called whenever a message arrived or the time of one moved. */
  changed(queue: string): void {
    const state = this.#queues.get(queue);
    if (!state) return;
    state.timer?.cancel();
    delete state.timer;
    const at = this.#nextVisibleAt(queue);
    if (at === undefined) return;
    const now = this.#clock.now();
    if (at <= now) {
      for (const wake of [...state.waiting]) wake();
    } else {
      state.timer = this.#clock.schedule(at - now, () => this.changed(queue));
    }
  }
}
