/** What sending a part needs to know of the whole, be it a file or a stream. */
export interface PartSchedule {
  /** The short part that ends an upload of unknown length, once that is known. */
  readonly lastPart?: { readonly partNumber: number; readonly size: number } | undefined;
  /** Bytes of the whole that a part covers: from `start` up to, not including, `end`. */
  range(partNumber: number): { readonly start: number; readonly end: number };
  link(partNumber: number, nowMs: number): string | undefined;
  addLinks(
    links: readonly { partNumber: number; url: string; contentLength: number }[],
    expiresAtMs: number,
  ): void;
  dropLink(partNumber: number): void;
  /** Part numbers worth one signing request. */
  toSign(nowMs: number): number[];
  confirm(partNumber: number, etag: string): void;
  /** A part in flight did not arrive. */
  release(partNumber: number): void;
}
