import { createHash } from "node:crypto";
import { AwsError } from "../../aws-error.ts";
import { invalidArgument, invalidRequest, notImplemented } from "../errors.ts";
import type { S3Request } from "../request.ts";
import {
  type ChecksumAlgorithm,
  type ChecksumType,
  checksumAlgorithms,
  createDigest,
  type Digest,
  digestLength,
  headerOf,
} from "./algorithms.ts";

const prefix = "x-amz-checksum-";
/** Headers of this prefix that name no checksum. */
const notValues = new Set([
  "x-amz-checksum-algorithm",
  "x-amz-checksum-type",
  "x-amz-checksum-mode",
]);

/** What a request says its body must come to. */
export interface ExpectedChecksum {
  readonly algorithm: ChecksumAlgorithm;
  /** Base64; undefined when it follows in a trailer. */
  readonly value: string | undefined;
}

/** The checksum a request gives or announces. @throws AwsError InvalidRequest, NotImplemented */
export function expectedChecksum(request: S3Request): ExpectedChecksum | undefined {
  const trailer = request.header("x-amz-trailer")?.trim().toLowerCase();
  const named = request
    .headerNames()
    .filter((name) => name.startsWith(prefix) && !notValues.has(name));
  if (trailer?.startsWith(prefix)) named.push(trailer);
  if (named.length > 1) {
    throw invalidRequest(
      "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.",
    );
  }
  const [name] = named;
  if (name === undefined) {
    if (request.header("x-amz-sdk-checksum-algorithm") !== undefined) {
      throw invalidRequest(
        "x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* or x-amz-trailer headers were found.",
      );
    }
    return undefined;
  }
  const algorithm = parseAlgorithm(name.slice(prefix.length));
  const value = name === trailer ? undefined : request.header(name);
  if (value !== undefined) checkForm(algorithm, value);
  return { algorithm, value };
}

/** Algorithm and type that a multipart upload is created with. */
export function uploadChecksum(
  request: S3Request,
): { algorithm: ChecksumAlgorithm; type: ChecksumType } | undefined {
  const name = request.header("x-amz-checksum-algorithm");
  const typeName = request.header("x-amz-checksum-type")?.toUpperCase();
  if (name === undefined) {
    if (typeName !== undefined) {
      throw invalidRequest("x-amz-checksum-type needs x-amz-checksum-algorithm.");
    }
    return undefined;
  }
  const algorithm = parseAlgorithm(name);
  const usual: ChecksumType = algorithm === "CRC64NVME" ? "FULL_OBJECT" : "COMPOSITE";
  const type = typeName ?? usual;
  if (type !== "FULL_OBJECT" && type !== "COMPOSITE") {
    throw invalidArgument("x-amz-checksum-type", type, "It is COMPOSITE or FULL_OBJECT.");
  }
  const isSha = algorithm === "SHA1" || algorithm === "SHA256";
  if (type === "FULL_OBJECT" ? isSha : algorithm === "CRC64NVME") {
    throw invalidRequest(
      `The ${type} checksum type cannot be used with the ${algorithm.toLowerCase()} checksum algorithm.`,
    );
  }
  return { algorithm, type };
}

/** Hashes a body as it passes and holds it against what the request says of it. */
export class BodyVerifier {
  readonly digests: readonly Digest[];
  readonly #md5 = createHash("md5");
  readonly #expected: ExpectedChecksum | undefined;
  readonly #contentMd5: string | undefined;
  readonly #algorithm: ChecksumAlgorithm | undefined;
  readonly #digest: Digest | undefined;

  /** @param computed worked out though the request gives no checksum: that of its upload */
  constructor(request: S3Request, computed?: ChecksumAlgorithm) {
    this.#expected = expectedChecksum(request);
    this.#contentMd5 = contentMd5(request);
    this.#algorithm = this.#expected?.algorithm ?? computed;
    this.#digest = this.#algorithm && createDigest(this.#algorithm);
    this.digests = this.#digest ? [this.#md5, this.#digest] : [this.#md5];
  }

  get given(): ExpectedChecksum | undefined {
    return this.#expected;
  }

  /** @throws AwsError BadDigest, InvalidRequest */
  finish(trailers: ReadonlyMap<string, string>): {
    /** Hex. */
    readonly md5: string;
    readonly checksum:
      | { readonly algorithm: ChecksumAlgorithm; readonly value: string }
      | undefined;
  } {
    const md5 = this.#md5.digest();
    if (this.#contentMd5 !== undefined && this.#contentMd5 !== md5.toString("base64")) {
      throw new AwsError(
        "BadDigest",
        "The Content-MD5 you specified did not match what we received.",
        400,
        {
          ExpectedDigest: this.#contentMd5,
          CalculatedDigest: md5.toString("base64"),
        },
      );
    }
    const hex = md5.toString("hex");
    if (!this.#algorithm || !this.#digest) return { md5: hex, checksum: undefined };
    const value = this.#digest.digest().toString("base64");
    if (this.#expected) {
      const { algorithm } = this.#expected;
      const wanted = this.#expected.value ?? trailers.get(headerOf(algorithm));
      if (wanted === undefined) {
        throw new AwsError(
          "MalformedTrailerError",
          `The trailer ${headerOf(algorithm)} did not arrive.`,
        );
      }
      checkForm(algorithm, wanted);
      if (wanted !== value) {
        throw new AwsError(
          "BadDigest",
          `The ${algorithm} you specified did not match the calculated checksum.`,
        );
      }
    }
    return { md5: hex, checksum: { algorithm: this.#algorithm, value } };
  }
}

function contentMd5(request: S3Request): string | undefined {
  const value = request.header("content-md5");
  if (value !== undefined && !isBase64Of(value, 16)) {
    throw new AwsError("InvalidDigest", "The Content-MD5 you specified was invalid.");
  }
  return value;
}

/** @throws AwsError NotImplemented */
function parseAlgorithm(name: string): ChecksumAlgorithm {
  const algorithm = checksumAlgorithms.find((known) => known === name.toUpperCase());
  if (!algorithm) throw notImplemented(`The checksum algorithm ${name}`);
  return algorithm;
}

function checkForm(algorithm: ChecksumAlgorithm, value: string): void {
  // A composite has the number of its parts behind it.
  if (isBase64Of(value.replace(/-\d+$/, ""), digestLength[algorithm])) return;
  throw invalidRequest(`Value for ${headerOf(algorithm)} header is invalid.`);
}

function isBase64Of(value: string, bytes: number): boolean {
  const decoded = Buffer.from(value, "base64");
  return decoded.length === bytes && decoded.toString("base64") === value;
}
