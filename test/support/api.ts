import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { CreateUploadRequest, Problem, Upload, Video } from "@sluice/contracts";
import { importJWK, type JWK, SignJWT } from "jose";
import type { ReadyEvent } from "./sluice-process.ts";

export interface Answer<T> {
  readonly status: number;
  readonly type: string | null;
  readonly body: T;
}

/** The HTTP API as any client sees it: no library of ours between the test and the wire. */
export class RawApi {
  readonly #ready: Pick<ReadyEvent, "api" | "token">;
  readonly #token: string;

  constructor(ready: Pick<ReadyEvent, "api" | "token">, token = ready.token) {
    this.#ready = ready;
    this.#token = token;
  }

  async call<T = Problem>(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Answer<T>> {
    const answer = await fetch(`${this.#ready.api}${path}`, {
      method,
      headers: {
        ...(this.#token === "" ? {} : { authorization: `Bearer ${this.#token}` }),
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...headers,
      },
      ...(body === undefined
        ? {}
        : { body: typeof body === "string" ? body : JSON.stringify(body) }),
    });
    const text = await answer.text();
    return {
      status: answer.status,
      type: answer.headers.get("content-type"),
      body: (text === "" ? undefined : JSON.parse(text)) as T,
    };
  }

  async create(
    fileName: string,
    size: number,
    key: string = randomUUID(),
    more: Partial<CreateUploadRequest> = {},
  ): Promise<Upload> {
    const { body } = await this.call<Upload>(
      "POST",
      "/uploads",
      { fileName, size, ...more },
      { "idempotency-key": key },
    );
    return body;
  }

  /** Sends the given bytes as the parts of an upload and answers their ETags. */
  async putParts(upload: Upload, content: Buffer, partNumbers?: readonly number[]) {
    const wanted = partNumbers ?? Array.from({ length: upload.partCount }, (_, index) => index + 1);
    const { body } = await this.call<{ parts: { partNumber: number; url: string }[] }>(
      "POST",
      `/uploads/${upload.uploadId}/parts/sign`,
      { partNumbers: wanted },
    );
    return Promise.all(
      body.parts.map(async ({ partNumber, url }) => {
        const start = (partNumber - 1) * upload.partSize;
        const answer = await fetch(url, {
          method: "PUT",
          body: new Uint8Array(content.subarray(start, start + upload.partSize)),
        });
        return { partNumber, etag: answer.headers.get("etag") ?? "", status: answer.status };
      }),
    );
  }

  async upload(
    fileName: string,
    content: Buffer,
    more: Partial<CreateUploadRequest> = {},
  ): Promise<string> {
    const upload = await this.create(fileName, content.length, randomUUID(), more);
    const parts = await this.putParts(upload, content);
    await this.call("POST", `/uploads/${upload.uploadId}/complete`, {
      parts: parts.map(({ partNumber, etag }) => ({ partNumber, etag })),
    });
    return upload.videoId;
  }

  /** Asks until the video is ready or has failed. */
  async settled(videoId: string): Promise<Video> {
    for (;;) {
      const { body } = await this.call<Video>("GET", `/videos/${videoId}`);
      if (body.status === "ready" || body.status === "failed") return body;
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
  }
}

/** A valid token for somebody else, made with the local issuer's own key. */
export async function tokenFor(subject: string, dataDir: string, issuer: string): Promise<string> {
  const key = JSON.parse(await readFile(join(dataDir, "identity.json"), "utf8")) as JWK;
  return new SignJWT()
    .setProtectedHeader({ alg: "ES256", kid: key.kid ?? "" })
    .setIssuer(issuer)
    .setAudience("sluice")
    .setSubject(subject)
    .setIssuedAt()
    .setExpirationTime("10 minutes")
    .sign(await importJWK(key, "ES256"));
}
