import { createHash, createHmac } from "node:crypto";
import type { Readable } from "node:stream";
import { SignatureV4 } from "@smithy/signature-v4";
import { Agent, errors } from "undici";
import type { Origin } from "../distribution.ts";

/** Where AWS is, for origins named by their AWS addresses. */
export interface AwsConnection {
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

export interface OriginRequest {
  readonly method: string;
  /** Path and query, percent-encoded. */
  readonly target: string;
  /** Names in lower case, without `host`. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Readable | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface OriginResponse {
  readonly status: number;
  readonly headers: Map<string, string | readonly string[]>;
  readonly body: Readable;
}

/** The origin could not be asked; `status` is what viewers get (502 or 504). */
export class OriginUnreachable extends Error {
  readonly status: 502 | 504;

  constructor(status: 502 | 504, cause: unknown) {
    super(
      status === 504 ? "The origin did not answer in time." : "The origin could not be reached.",
      {
        cause,
      },
    );
    this.name = "OriginUnreachable";
    this.status = status;
  }
}

const hopByHop = new Set([
  "connection",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

/** SHA-256 as the signing library wants it, by node:crypto. */
class Sha256 {
  readonly #hash;

  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.#hash =
      secret === undefined ? createHash("sha256") : createHmac("sha256", toBytes(secret));
  }

  update(data: string | ArrayBuffer | ArrayBufferView): void {
    this.#hash.update(toBytes(data));
  }

  async digest(): Promise<Uint8Array> {
    return this.#hash.digest();
  }
}

function toBytes(data: string | ArrayBuffer | ArrayBufferView): Uint8Array {
  if (typeof data === "string") return Buffer.from(data);
  return ArrayBuffer.isView(data)
    ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
    : new Uint8Array(data);
}

export class OriginClient {
  readonly #aws: AwsConnection;
  readonly #agent: Agent;
  readonly #signer: SignatureV4;

  constructor(aws: AwsConnection) {
    this.#aws = aws;
    this.#agent = new Agent({ keepAliveTimeout: 30_000, connections: 256 });
    this.#signer = new SignatureV4({
      service: "s3",
      region: aws.region,
      credentials: aws.credentials,
      sha256: Sha256,
      // S3 does not encode the path a second time (AWS: "Create a signed API request").
      uriEscapePath: false,
    });
  }

  /** @throws OriginUnreachable */
  async send(origin: Origin, asked: OriginRequest): Promise<OriginResponse> {
    const path = `${origin.OriginPath ?? ""}${asked.target}`;
    const headers: Record<string, string> = { ...asked.headers, host: origin.DomainName };
    for (const { HeaderName, HeaderValue } of origin.OriginCustomHeaders ?? []) {
      headers[HeaderName.toLowerCase()] = HeaderValue;
    }
    if (origin.OriginAccessControlId && origin.S3OriginConfig) {
      Object.assign(headers, await this.#sign(asked.method, path, origin.DomainName));
    }
    const timeoutMs = (origin.CustomOriginConfig?.OriginReadTimeout ?? 30) * 1000;
    try {
      // Path apart from origin: as a URL, `..` in it would be resolved, and the grant was for another.
      const answer = await this.#agent.request({
        origin: this.#base(origin),
        path,
        method: asked.method as "GET",
        headers,
        body: asked.body ?? null,
        headersTimeout: timeoutMs,
        bodyTimeout: timeoutMs,
        ...(asked.signal ? { signal: asked.signal } : {}),
      });
      const kept = new Map<string, string | readonly string[]>();
      for (const [name, value] of Object.entries(answer.headers)) {
        if (value !== undefined && !hopByHop.has(name)) kept.set(name, value);
      }
      return { status: answer.statusCode, headers: kept, body: answer.body };
    } catch (error) {
      if (asked.signal?.aborted) throw error;
      const late =
        error instanceof errors.HeadersTimeoutError || error instanceof errors.BodyTimeoutError;
      throw new OriginUnreachable(late ? 504 : 502, error);
    }
  }

  close(): Promise<void> {
    return this.#agent.destroy();
  }

  #base(origin: Origin): string {
    if (origin.DomainName.endsWith(".amazonaws.com")) return this.#aws.endpoint;
    const scheme =
      origin.CustomOriginConfig?.OriginProtocolPolicy === "https-only" ? "https" : "http";
    return `${scheme}://${origin.DomainName}`;
  }

  async #sign(method: string, path: string, host: string): Promise<Record<string, string>> {
    const [pathname = "/", search = ""] = path.split("?", 2);
    const signed = await this.#signer.sign({
      method,
      protocol: "http:",
      hostname: host,
      path: pathname,
      query: Object.fromEntries(new URLSearchParams(search)),
      headers: { host, "x-amz-content-sha256": "UNSIGNED-PAYLOAD" },
    });
    return signed.headers;
  }
}
