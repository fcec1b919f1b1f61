import { createHash, randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { ProblemCode } from "@sluice/contracts";

/** What happens to one PUT of a part instead of success. */
export type PartFault =
  | { readonly kind: "drop"; readonly afterBytes: number }
  | {
      readonly kind: "status";
      readonly status: number;
      readonly code?: string;
      readonly retryAfter?: string;
    }
  | { readonly kind: "stall" };

/** What happens to one call of the API, by `METHOD /path`. */
export type ApiFault =
  | {
      readonly kind: "problem";
      readonly status: number;
      readonly code: ProblemCode;
      readonly retryAfter?: string;
    }
  /** The call is carried out, but its answer is lost. */
  | { readonly kind: "answer-lost" };

interface StoredUpload {
  readonly uploadId: string;
  readonly videoId: string;
  /** Undefined until complete says it. */
  size: number | undefined;
  readonly parts: Map<number, Buffer>;
  state: "open" | "completed" | "aborted";
  object?: Buffer;
}

/** The upload API and the storage in one small server, with faults where the test wants them. */
export class FakeSluice {
  readonly partSize: number;
  /** What an upload of unknown length may come to. */
  maxStreamBytes = 1024 ** 3;
  readonly uploads = new Map<string, StoredUpload>();
  readonly calls: string[] = [];
  readonly tokens: string[] = [];
  /** Body bytes that arrived, also of attempts that failed. */
  bytesReceived = 0;
  partAttempts = 0;
  /** Milliseconds since the epoch, for `expiresAt`. */
  now: () => number = Date.now;
  partFault: (partNumber: number, attempt: number) => PartFault | undefined = () => undefined;
  apiFault: (call: string, nth: number) => ApiFault | undefined = () => undefined;
  onPart: (partNumber: number) => void = () => {};
  #byKey = new Map<string, string>();
  #attempts = new Map<number, number>();
  #server = createServer((request, response) => {
    this.#handle(request, response).catch(() => response.destroy());
  });

  constructor(partSize: number) {
    this.partSize = partSize;
  }

  async listen(): Promise<void> {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
  }

  get baseUrl(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, "close");
  }

  count(prefix: string): number {
    return this.calls.filter((call) => call.startsWith(prefix)).length;
  }

  only(): StoredUpload {
    const [upload] = this.uploads.values();
    if (!upload || this.uploads.size > 1) throw new Error(`${this.uploads.size} uploads, not 1`);
    return upload;
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? "/", this.baseUrl);
    if (url.pathname.startsWith("/storage/")) return this.#putPart(request, response, url);
    const call = `${request.method} ${url.pathname.replace(/[0-9a-f-]{36}/, "ID")}`;
    this.calls.push(call);
    this.tokens.push(request.headers.authorization ?? "");
    const body = await readBody(request);
    const fault = this.apiFault(call, this.calls.filter((other) => other === call).length);
    if (fault?.kind === "problem") {
      return problem(response, fault.status, fault.code, fault.retryAfter);
    }
    const answer = this.#answer(request, url, body.length > 0 ? JSON.parse(body.toString()) : {});
    if (fault?.kind === "answer-lost") return void response.destroy();
    if ("code" in answer) return problem(response, answer.status, answer.code);
    response.writeHead(answer.status, { "content-type": "application/json" });
    response.end(JSON.stringify(answer.body));
  }

  #answer(
    request: IncomingMessage,
    url: URL,
    body: {
      size?: number;
      partNumbers?: number[];
      lastPart?: { partNumber: number; size: number };
      parts?: { partNumber: number; etag: string }[];
    },
  ): { status: number; body: unknown } | { status: number; code: ProblemCode } {
    const [, id, action] = url.pathname.split("/").slice(1);
    if (!id) return { status: 201, body: this.#create(request, body.size) };
    const upload = this.uploads.get(id);
    if (!upload) return { status: 404, code: "not-found" };
    if (request.method === "DELETE") {
      if (upload.state === "completed") return { status: 409, code: "upload-completed" };
      upload.state = "aborted";
      return { status: 200, body: {} };
    }
    if (upload.state === "aborted") return { status: 409, code: "upload-aborted" };
    if (action === "complete") return this.#complete(upload, body.parts ?? [], body.size);
    if (upload.state === "completed") return { status: 409, code: "upload-completed" };
    if (url.pathname.endsWith("/sign")) {
      return { status: 200, body: this.#sign(upload, body.partNumbers ?? [], body.lastPart) };
    }
    const after = Number(url.searchParams.get("after") ?? 0);
    const parts = [...upload.parts]
      .filter(([partNumber]) => partNumber > after)
      .sort(([a], [b]) => a - b)
      .map(([partNumber, bytes]) => ({ partNumber, size: bytes.length, etag: md5(bytes) }));
    const page = parts.slice(0, 2);
    const nextAfter = parts.length > 2 ? { nextAfter: page.at(-1)?.partNumber } : {};
    return { status: 200, body: { parts: page, ...nextAfter } };
  }

  #create(request: IncomingMessage, size: number | undefined): unknown {
    const key = String(request.headers["idempotency-key"]);
    const uploadId = this.#byKey.get(key) ?? randomUUID();
    this.#byKey.set(key, uploadId);
    const upload = this.uploads.get(uploadId) ?? {
      uploadId,
      videoId: randomUUID(),
      size,
      parts: new Map<number, Buffer>(),
      state: "open" as const,
    };
    this.uploads.set(uploadId, upload);
    const { videoId } = upload;
    if (size === undefined) {
      return { uploadId, videoId, partSize: this.partSize, maxBytes: this.maxStreamBytes };
    }
    return {
      uploadId,
      videoId,
      size,
      partSize: this.partSize,
      partCount: Math.ceil(size / this.partSize),
    };
  }

  #sign(
    upload: StoredUpload,
    partNumbers: readonly number[],
    lastPart: { partNumber: number; size: number } | undefined,
  ): unknown {
    const lengthOf = (partNumber: number) => {
      if (partNumber === lastPart?.partNumber) return lastPart.size;
      return Math.min(this.partSize, (upload.size ?? Infinity) - (partNumber - 1) * this.partSize);
    };
    return {
      expiresAt: new Date(this.now() + 3_600_000).toISOString(),
      parts: partNumbers.map((partNumber) => ({
        partNumber,
        url: `${this.baseUrl}/storage/${upload.uploadId}/${partNumber}?length=${lengthOf(partNumber)}`,
        contentLength: lengthOf(partNumber),
      })),
    };
  }

  #complete(
    upload: StoredUpload,
    parts: readonly { partNumber: number; etag: string }[],
    size: number | undefined,
  ): { status: number; body: unknown } | { status: number; code: ProblemCode } {
    const bodies = parts.map(({ partNumber, etag }) => {
      const body = upload.parts.get(partNumber);
      return body && md5(body) === etag ? body : undefined;
    });
    if (bodies.some((body) => !body)) return { status: 409, code: "parts-missing" };
    upload.object = Buffer.concat(bodies.filter((body) => body !== undefined));
    upload.size ??= size;
    if (upload.size !== upload.object.length) return { status: 409, code: "size-mismatch" };
    upload.state = "completed";
    return { status: 202, body: { videoId: upload.videoId } };
  }

  async #putPart(request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> {
    const [, , uploadId = "", number] = url.pathname.split("/");
    const partNumber = Number(number);
    const attempt = (this.#attempts.get(partNumber) ?? 0) + 1;
    this.#attempts.set(partNumber, attempt);
    this.partAttempts += 1;
    this.onPart(partNumber);
    const upload = this.uploads.get(uploadId);
    if (upload?.state !== "open") return s3Error(response, 404, "NoSuchUpload");
    const fault = this.partFault(partNumber, attempt);
    const chunks: Buffer[] = [];
    let bytes = 0;
    for await (const chunk of request) {
      chunks.push(chunk);
      bytes += chunk.length;
      this.bytesReceived += chunk.length;
      if (fault?.kind === "drop" && bytes >= fault.afterBytes) return void request.destroy();
      if (fault?.kind === "stall") return void request.pause();
    }
    if (fault?.kind === "status")
      return s3Error(response, fault.status, fault.code, fault.retryAfter);
    const body = Buffer.concat(chunks);
    if (body.length !== Number(request.headers["content-length"])) return;
    if (body.length !== Number(url.searchParams.get("length"))) {
      return s3Error(response, 403, "SignatureDoesNotMatch");
    }
    upload.parts.set(partNumber, body);
    response.writeHead(200, { etag: md5(body) });
    response.end();
  }
}

function md5(bytes: Buffer): string {
  return `"${createHash("md5").update(bytes).digest("hex")}"`;
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function problem(response: ServerResponse, status: number, code: ProblemCode, retryAfter?: string) {
  response.writeHead(status, {
    "content-type": "application/problem+json",
    ...(retryAfter && { "retry-after": retryAfter }),
  });
  response.end(
    JSON.stringify({ type: "about:blank", title: code, status, code, detail: `It is ${code}.` }),
  );
}

function s3Error(response: ServerResponse, status: number, code = "Error", retryAfter?: string) {
  response.writeHead(status, {
    "content-type": "application/xml",
    ...(retryAfter && { "retry-after": retryAfter }),
  });
  response.end(`<?xml version="1.0"?><Error><Code>${code}</Code></Error>`);
}
