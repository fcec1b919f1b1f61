/** Whether the machine believes to have a network. Wrong in one direction only: true proves nothing. */
export interface Connectivity {
  isOnline(): boolean;
  /** Returns the function that stops listening. */
  onChange(listener: () => void): () => void;
}

export const alwaysOnline: Connectivity = { isOnline: () => true, onChange: () => () => {} };

/** Closed while paused or offline; parts wait at it. */
export class Gate {
  #open = true;
  #waiting = new Set<() => void>();

  get isOpen(): boolean {
    return this.#open;
  }

  set(open: boolean): void {
    this.#open = open;
    if (!open) return;
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const proceed of waiting) proceed();
  }

  async pass(signal: AbortSignal): Promise<void> {
    while (!this.#open) {
      await new Promise<void>((resolve, reject) => {
        const onAbort = () => {
          this.#waiting.delete(proceed);
          reject(signal.reason);
        };
        const proceed = () => {
          signal.removeEventListener("abort", onAbort);
          resolve();
        };
        if (signal.aborted) return reject(signal.reason);
        signal.addEventListener("abort", onAbort, { once: true });
        this.#waiting.add(proceed);
      });
    }
    signal.throwIfAborted();
  }
}
