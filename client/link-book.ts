interface Link {
  readonly url: string;
  readonly expiresAtMs: number;
}

/** A link with less than this left is signed again: a large part may take a while to begin. */
const linkMarginMs = 30_000;

/** The links at hand, by part number. */
export class LinkBook {
  readonly #links = new Map<number, Link>();

  /** Undefined when there is none, or none that lasts. */
  find(partNumber: number, nowMs: number): string | undefined {
    const link = this.#links.get(partNumber);
    return link && link.expiresAtMs - linkMarginMs > nowMs ? link.url : undefined;
  }

  add(partNumber: number, link: Link): void {
    this.#links.set(partNumber, link);
  }

  drop(partNumber: number): void {
    this.#links.delete(partNumber);
  }
}
