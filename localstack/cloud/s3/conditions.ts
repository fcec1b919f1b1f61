/** What a conditional request may ask of an object (RFC 9110 section 13). */
export interface Conditions {
  readonly ifMatch?: string | undefined;
  readonly ifNoneMatch?: string | undefined;
  readonly ifModifiedSince?: string | undefined;
  readonly ifUnmodifiedSince?: string | undefined;
}

interface Existing {
  readonly etag: string;
  readonly modifiedAt: number;
}

export type ReadVerdict =
  | { readonly kind: "proceed" }
  | { readonly kind: "not-modified" }
  | { readonly kind: "failed"; readonly condition: string };

/** Order of RFC 9110 section 13.2.2: an entity tag overrules a date. */
export function judgeRead(conditions: Conditions, object: Existing): ReadVerdict {
  const { ifMatch, ifNoneMatch, ifModifiedSince, ifUnmodifiedSince } = conditions;
  if (ifMatch !== undefined) {
    if (!matches(ifMatch, object.etag)) return { kind: "failed", condition: "If-Match" };
  } else if (isAfter(object.modifiedAt, ifUnmodifiedSince) === true) {
    return { kind: "failed", condition: "If-Unmodified-Since" };
  }
  if (ifNoneMatch !== undefined) {
    if (matches(ifNoneMatch, object.etag)) return { kind: "not-modified" };
  } else if (isAfter(object.modifiedAt, ifModifiedSince) === false) {
    return { kind: "not-modified" };
  }
  return { kind: "proceed" };
}

export type WriteVerdict = "proceed" | "missing" | "If-Match" | "If-None-Match";

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html */
export function judgeWrite(conditions: Conditions, object: Existing | undefined): WriteVerdict {
  const { ifMatch, ifNoneMatch } = conditions;
  if (ifMatch !== undefined) {
    if (!object) return "missing";
    if (!matches(ifMatch, object.etag)) return "If-Match";
  }
  if (ifNoneMatch !== undefined && object && matches(ifNoneMatch, object.etag)) {
    return "If-None-Match";
  }
  return "proceed";
}

/** `"a", W/"b"`, bare tags and `*`. */
function matches(header: string, etag: string): boolean {
  return header
    .split(",")
    .map((tag) =>
      tag
        .trim()
        .replace(/^W\//, "")
        .replace(/^"(.*)"$/, "$1"),
    )
    .some((tag) => tag === "*" || tag === etag);
}

/** Dates of HTTP count whole seconds; one that does not parse asks for nothing. */
function isAfter(modifiedAt: number, date: string | undefined): boolean | undefined {
  const limit = date === undefined ? Number.NaN : Date.parse(date);
  return Number.isNaN(limit) ? undefined : Math.floor(modifiedAt / 1000) * 1000 > limit;
}
