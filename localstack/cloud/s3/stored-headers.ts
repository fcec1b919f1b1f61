import { AwsError } from "../aws-error.ts";
import { aclsAreOff, notImplemented } from "./errors.ts";
import type { S3Request } from "./request.ts";
import type { StoredHeaders } from "./storage/object-store.ts";

const systemHeaders = [
  "cache-control",
  "content-disposition",
  "content-encoding",
  "content-language",
  "content-type",
  "expires",
];
const mostMetadataBytes = 2048;
const metadataPrefix = "x-amz-meta-";

/** Headers that ask for something this cloud does not do: refused rather than lost. */
const refused: readonly (readonly [name: RegExp, allowed: readonly string[]])[] = [
  [/^x-amz-object-lock-/, []],
  [/^x-amz-server-side-encryption$/, ["AES256"]],
  [/^x-amz-server-side-encryption-(?!bucket-key)/, []],
  [/^x-amz-storage-class$/, ["STANDARD"]],
  [/^x-amz-tagging$/, [""]],
  [/^x-amz-website-redirect-location$/, []],
  [/^x-amz-write-offset-bytes$/, []],
];

/** Canned ACLs that ask for nothing but what the owner has anyway. */
const harmlessAcls = ["private", "bucket-owner-full-control"];

/** @throws AwsError NotImplemented, AccessControlListNotSupported */
export function refuseUnsupportedHeaders(request: S3Request): void {
  const acl = request.header("x-amz-acl");
  if (acl !== undefined && !harmlessAcls.includes(acl)) throw aclsAreOff();
  for (const name of request.headerNames()) {
    if (name.startsWith("x-amz-grant-")) throw aclsAreOff();
    const rule = refused.find(([pattern]) => pattern.test(name));
    const value = request.header(name);
    if (rule && value !== undefined && !rule[1].includes(value)) {
      throw notImplemented(`The header ${name}: ${value}`);
    }
  }
}

/** The headers of a request that are kept with an object. @throws AwsError MetadataTooLarge */
export function headersToStore(request: S3Request): StoredHeaders {
  const stored: Record<string, string> = {};
  for (const name of systemHeaders) {
    const value = name === "content-encoding" ? contentEncoding(request) : request.header(name);
    if (value !== undefined && value !== "") stored[name] = value;
  }
  let metadataBytes = 0;
  for (const name of request.headerNames()) {
    const value = request.header(name);
    if (!name.startsWith(metadataPrefix) || value === undefined) continue;
    metadataBytes += name.length - metadataPrefix.length + Buffer.byteLength(value);
    stored[name] = value;
  }
  if (metadataBytes > mostMetadataBytes) {
    throw new AwsError(
      "MetadataTooLarge",
      "Your metadata headers exceed the maximum allowed metadata size",
      400,
      { Size: String(metadataBytes), MaxSizeAllowed: String(mostMetadataBytes) },
    );
  }
  return stored;
}

/** `aws-chunked` is the framing of this request, not a property of the object. */
function contentEncoding(request: S3Request): string | undefined {
  return request
    .header("content-encoding")
    ?.split(",")
    .map((coding) => coding.trim())
    .filter((coding) => coding !== "aws-chunked")
    .join(", ");
}
