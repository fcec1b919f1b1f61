import { createHash, type Hash } from "node:crypto";
import { AwsError } from "../aws-error.ts";
import { sha256Hex } from "./canonical-request.ts";
import type { ChunkSigner } from "./sigv4.ts";

const longestLine = 16 * 1024;
const mostTrailers = 16;

interface ChunkedRules {
  /** x-amz-decoded-content-length */
  readonly length: number;
  /** Filled with the trailing headers; undefined when the body announces none. */
  readonly trailers: Map<string, string> | undefined;
  readonly signer: ChunkSigner | undefined;
}

/**
 * Takes the aws-chunked framing off a body: `SIZE[;chunk-signature=HEX]\r\n DATA \r\n … 0 … [trailers] \r\n`.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html
 * Data is handed on before its chunk's signature can be checked, so a throw disowns all of it.
 */
export async function* decodeAwsChunked(
  source: AsyncIterable<Buffer>,
  rules: ChunkedRules,
): AsyncGenerator<Buffer> {
  const reader = new ByteReader(source);
  let total = 0;
  for (;;) {
    const { size, signature } = parseChunkHeader(await reader.line());
    const hash = rules.signer ? createHash("sha256") : undefined;
    total += size;
    if (total > rules.length) throw incomplete();
    for (let left = size; left > 0; ) {
      const bytes = await reader.take(left);
      left -= bytes.length;
      hash?.update(bytes);
      yield bytes;
    }
    checkChunk(rules.signer, hash, signature);
    if (size === 0) break;
    if ((await reader.line()) !== "") throw malformed();
  }
  if (total !== rules.length) throw incomplete();
  if (rules.trailers) await readTrailers(reader, rules.trailers, rules.signer);
  await reader.rest();
}

async function readTrailers(
  reader: ByteReader,
  trailers: Map<string, string>,
  signer: ChunkSigner | undefined,
): Promise<void> {
  let canonical = "";
  let signature = "";
  for (let count = 0; ; count++) {
    if (count > mostTrailers) throw malformed();
    const line = await reader.line({ endAllowed: true });
    if (line === "") break;
    const colon = line.indexOf(":");
    if (colon < 1) throw malformed();
    const name = line.slice(0, colon).trim().toLowerCase();
    const value = line.slice(colon + 1).trim();
    if (name === "x-amz-trailer-signature") signature = value;
    else {
      trailers.set(name, value);
      canonical += `${name}:${value}\n`;
    }
  }
  if (signer && !signer.checkTrailer(sha256Hex(canonical), signature)) throw wrongSignature();
}

function parseChunkHeader(line: string): { size: number; signature: string } {
  const match = /^([0-9a-fA-F]{1,12})(?:;chunk-signature=([0-9a-f]{64}))?$/.exec(line);
  if (!match?.[1]) throw malformed();
  return { size: Number.parseInt(match[1], 16), signature: match[2] ?? "" };
}

function checkChunk(signer: ChunkSigner | undefined, hash: Hash | undefined, signature: string) {
  if (signer && hash && !signer.checkChunk(hash.digest("hex"), signature)) throw wrongSignature();
}

/** Reads lines and byte runs from chunks, copying only lines. */
class ByteReader {
  readonly #source: AsyncIterator<Buffer>;
  #current: Buffer = Buffer.alloc(0);

  constructor(source: AsyncIterable<Buffer>) {
    this.#source = source[Symbol.asyncIterator]();
  }

  /** Up to `most` bytes, at least one. */
  async take(most: number): Promise<Buffer> {
    if (this.#current.length === 0 && !(await this.#pull())) throw incomplete();
    const bytes = this.#current.subarray(0, most);
    this.#current = this.#current.subarray(bytes.length);
    return bytes;
  }

  /** The text up to CRLF, which is consumed. */
  async line(options?: { endAllowed: boolean }): Promise<string> {
    let line = "";
    for (;;) {
      const end = this.#current.indexOf(0x0a);
      line += this.#current.toString("latin1", 0, end < 0 ? undefined : end);
      if (line.length > longestLine) throw malformed();
      if (end >= 0) {
        this.#current = this.#current.subarray(end + 1);
        return line.endsWith("\r") ? line.slice(0, -1) : line;
      }
      if (!(await this.#pull())) {
        if (options?.endAllowed && line === "") return "";
        throw incomplete();
      }
    }
  }

  /** Reads to the end, where nothing but the closing CRLF may stand. */
  async rest(): Promise<void> {
    let left = this.#current.length;
    while (await this.#pull()) left += this.#current.length;
    if (left > 2) throw malformed();
  }

  async #pull(): Promise<boolean> {
    const next = await this.#source.next();
    this.#current = next.done ? Buffer.alloc(0) : next.value;
    return !next.done;
  }
}

function incomplete(): AwsError {
  return new AwsError(
    "IncompleteBody",
    "You did not provide the number of bytes specified by x-amz-decoded-content-length.",
  );
}

function malformed(): AwsError {
  return new AwsError("InvalidRequest", "The aws-chunked encoding of the body is malformed.");
}

function wrongSignature(): AwsError {
  return new AwsError(
    "SignatureDoesNotMatch",
    "The chunk signature we calculated does not match the signature you provided.",
    403,
  );
}
