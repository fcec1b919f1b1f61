export interface StoredResponse {
  readonly status: number;
  /** Names in lower case, as the origin sent them, without hop-by-hop fields. */
  readonly headers: ReadonlyMap<string, string | readonly string[]>;
  readonly body: Buffer;
  /** Milliseconds since the epoch. */
  readonly storedAt: number;
  /** `Age` that the origin gave, in seconds. */
  readonly initialAge: number;
  readonly freshUntil: number;
  readonly staleWhileRevalidateUntil: number;
  readonly staleIfErrorUntil: number;
}

/** Keeps answers in memory; beyond `maxBytes` those unused longest go first. */
export class MemoryStore {
  readonly #maxBytes: number;
  readonly #entries = new Map<string, StoredResponse>();
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get(key: string): StoredResponse | undefined {
    const entry = this.#entries.get(key);
    if (entry) {
      // A Map keeps the order of insertion: the first is the one unused longest.
      this.#entries.delete(key);
      this.#entries.set(key, entry);
    }
    return entry;
  }

  set(key: string, entry: StoredResponse): void {
    this.delete(key);
    this.#entries.set(key, entry);
    this.#bytes += cost(entry);
    for (const [oldest, value] of this.#entries) {
      if (this.#bytes <= this.#maxBytes) break;
      this.#entries.delete(oldest);
      this.#bytes -= cost(value);
    }
  }

  delete(key: string): void {
    const entry = this.#entries.get(key);
    if (!entry) return;
    this.#entries.delete(key);
    this.#bytes -= cost(entry);
  }
}

/** Headers and bookkeeping count too, or many empty answers would cost nothing. */
function cost(entry: StoredResponse): number {
  return entry.body.length + 2048;
}
