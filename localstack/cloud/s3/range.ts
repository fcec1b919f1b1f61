import type { BlobSlice } from "./storage/blob-store.ts";

export type RangeVerdict =
  | { readonly kind: "whole" }
  | { readonly kind: "range"; readonly first: number; readonly last: number }
  | { readonly kind: "unsatisfiable" };

/**
 * Reads a Range header against an object of `size` bytes. Like S3, several ranges or a malformed
 * one count as none (RFC 9110 section 14.2 allows both).
 */
export function parseRange(header: string | undefined, size: number): RangeVerdict {
  const match = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header?.replaceAll(" ", "") ?? "");
  if (!match) return { kind: "whole" };
  const [, from = "", to = ""] = match;
  if (from === "") {
    if (to === "") return { kind: "whole" };
    const suffix = Math.min(Number(to), size);
    return suffix === 0
      ? { kind: "unsatisfiable" }
      : { kind: "range", first: size - suffix, last: size - 1 };
  }
  const first = Number(from);
  const last = to === "" ? size - 1 : Math.min(Number(to), size - 1);
  if (to !== "" && Number(to) < first) return { kind: "whole" };
  return first >= size ? { kind: "unsatisfiable" } : { kind: "range", first, last };
}

interface PlacedPart {
  readonly start: number;
  readonly size: number;
  readonly blob: string;
}

/** Which bytes of which blobs make up bytes `first` to `last` (inclusive) of an object. */
export function sliceParts(parts: readonly PlacedPart[], first: number, last: number): BlobSlice[] {
  return parts
    .map(({ blob, start, size }) => ({
      blob,
      start: Math.max(0, first - start),
      end: Math.min(size - 1, last - start),
    }))
    .filter(({ start, end }) => start <= end);
}
