import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { SluiceApi } from "./api.ts";
import { AnswerError, ProblemError, UnreachableError } from "./errors.ts";
import { parseRetryAfter } from "./retry.ts";
import { FakeSluice } from "./testing/fake-sluice.ts";

const retry = { retries: 3, minDelayMs: 1, maxDelayMs: 2, maxRetryAfterMs: 50 };

let server: FakeSluice;
beforeEach(async () => {
  server = new FakeSluice(10);
  await server.listen();
});
afterEach(() => server.close());

function connect(token: (renew: boolean) => Promise<string> = async () => "t") {
  return new SluiceApi({ baseUrl: server.baseUrl, token, retry });
}

const request = { fileName: "film.mp4", size: 25 };

describe("SluiceApi", () => {
  test("create is sent again with the same key, so that one upload results", async () => {
    server.apiFault = (_, nth) => {
      if (nth === 1) return { kind: "answer-lost" };
      return nth === 2 ? { kind: "problem", status: 503, code: "unavailable" } : undefined;
    };
    const upload = await connect().createUpload(request, "key-1");
    expect(upload).toMatchObject({ size: 25, partSize: 10, partCount: 3 });
    expect(server.uploads.size).toBe(1);
    expect(server.count("POST /uploads")).toBe(3);
  });

  test("a refusal is a ProblemError at once: code, status and the sentence", async () => {
    server.apiFault = () => ({ kind: "problem", status: 413, code: "file-too-large" });
    const error = await connect()
      .createUpload(request, "k")
      .catch((thrown) => thrown);
    expect(error).toBeInstanceOf(ProblemError);
    expect(error).toMatchObject({
      code: "file-too-large",
      status: 413,
      detail: "It is file-too-large.",
    });
    expect(server.calls).toHaveLength(1);
  });

  test("retrying has an end", async () => {
    server.apiFault = () => ({ kind: "problem", status: 503, code: "unavailable" });
    await expect(connect().createUpload(request, "k")).rejects.toThrow(ProblemError);
    expect(server.calls).toHaveLength(1 + retry.retries);
  });

  test("a Retry-After that is too long to wait for is not waited for", async () => {
    server.apiFault = () => ({
      kind: "problem",
      status: 429,
      code: "too-many-requests",
      retryAfter: "60",
    });
    const error = await connect()
      .createUpload(request, "k")
      .catch((thrown) => thrown);
    expect(error).toMatchObject({ code: "too-many-requests", retryAfterMs: 60_000 });
    expect(server.calls).toHaveLength(1);
  });

  test("a refused token is renewed once", async () => {
    server.apiFault = (_, nth) =>
      nth === 1 ? { kind: "problem", status: 401, code: "unauthenticated" } : undefined;
    await connect(async (renew) => (renew ? "new" : "old")).createUpload(request, "k");
    expect(server.tokens).toEqual(["Bearer old", "Bearer new"]);
  });

  test("a token that stays refused is an error, not a loop", async () => {
    server.apiFault = () => ({ kind: "problem", status: 401, code: "unauthenticated" });
    await expect(connect().createUpload(request, "k")).rejects.toMatchObject({ status: 401 });
    expect(server.calls).toHaveLength(2);
  });

  test("an answer outside the contract names the field and is not retried", async () => {
    const api = new SluiceApi({
      baseUrl: server.baseUrl,
      token: async () => "t",
      retry,
      fetch: async () => Response.json({ videos: [{ videoId: "x" }] }),
    });
    const error = await api.listVideos().catch((thrown) => thrown);
    expect(error).toBeInstanceOf(AnswerError);
    expect(error.message).toContain("videos.0.videoId");
  });

  test("a proxy's page becomes an AnswerError with its status", async () => {
    const api = new SluiceApi({
      baseUrl: server.baseUrl,
      token: async () => "t",
      retry,
      fetch: async () => new Response("<h1>Bad gateway</h1>", { status: 502 }),
    });
    await expect(api.listVideos()).rejects.toMatchObject({ name: "AnswerError", status: 502 });
  });

  test("no server at all is UnreachableError", async () => {
    const api = new SluiceApi({ baseUrl: "http://127.0.0.1:1", token: async () => "t", retry });
    await expect(api.listVideos()).rejects.toThrow(UnreachableError);
  });

  test("an abort ends the waiting with its reason", async () => {
    server.apiFault = () => ({ kind: "problem", status: 503, code: "unavailable" });
    const slow = new SluiceApi({
      baseUrl: server.baseUrl,
      token: async () => "t",
      retry: { ...retry, minDelayMs: 60_000, maxDelayMs: 60_000 },
      fetch: async (...input) => {
        const response = await fetch(...input);
        setImmediate(() => stop.abort(new Error("enough")));
        return response;
      },
    });
    const stop = new AbortController();
    await expect(slow.listVideos({}, { signal: stop.signal })).rejects.toThrow("enough");
  });
});

test("Retry-After is seconds or a date", () => {
  expect(parseRetryAfter("3", 0)).toBe(3_000);
  expect(parseRetryAfter("Thu, 01 Jan 1970 00:00:10 GMT", 4_000)).toBe(6_000);
  expect(parseRetryAfter("soon", 0)).toBeUndefined();
  expect(parseRetryAfter(null, 0)).toBeUndefined();
});

describe("sharing", () => {
  const videoId = "7f0b5cf0-3d50-4a0e-9d3b-0f5f7d0f4c11";
  const link = {
    linkId: "11111111-2222-4333-8444-555555555555",
    playlist: "/play/token/hash/master.m3u8",
    createdAt: "2026-01-01T00:00:00.000Z",
    expiresAt: "2026-01-02T00:00:00.000Z",
  };
  const shown = {
    ...{
      videoId,
      title: "Film",
      status: "ready",
      createdAt: link.createdAt,
      playable: true,
      playableMs: 1,
    },
    ...{ playlist: link.playlist, expiresAt: link.expiresAt },
  };

  /** An API that answers always the same, and what it was asked. */
  const answering = (status: number, body?: unknown) => {
    const asked: { method: string; path: string; token: string | null; body: unknown }[] = [];
    const request: typeof fetch = async (input, init) => {
      const { method, url, headers } = new Request(input, init);
      const body = typeof init?.body === "string" ? JSON.parse(init.body) : undefined;
      asked.push({
        method,
        path: new URL(url).pathname,
        token: headers.get("authorization"),
        body,
      });
      return body !== undefined || status !== 204 ? Response.json(answer, { status }) : noContent();
    };
    const noContent = () => new Response(null, { status: 204 });
    const answer = body ?? {};
    const token = async () => "t";
    return { asked, api: new SluiceApi({ baseUrl: "http://api", token, fetch: request, retry }) };
  };

  test("links are made, listed and revoked below their video", async () => {
    const made = answering(201, link);
    expect(await made.api.links.create(videoId, { expiresInSeconds: 60 })).toEqual(link);
    expect(made.asked).toEqual([
      {
        ...{ method: "POST", path: `/videos/${videoId}/links`, token: "Bearer t" },
        body: { expiresInSeconds: 60 },
      },
    ]);
    expect(await answering(200, { links: [link] }).api.links.list(videoId)).toEqual([link]);
    const revoking = answering(204);
    await revoking.api.links.revoke(videoId, link.linkId);
    expect(revoking.asked).toMatchObject([
      { method: "DELETE", path: `/videos/${videoId}/links/${link.linkId}` },
    ]);
  });

  test("a public video is asked for without a token, which a visitor may not have", async () => {
    const { api, asked } = answering(200, shown);

    expect(await api.getPublicVideo(videoId)).toEqual(shown);
    expect(asked).toMatchObject([{ path: `/public/videos/${videoId}`, token: null }]);
  });
});
