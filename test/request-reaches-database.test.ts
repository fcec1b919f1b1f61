import { readdirSync } from "node:fs";
import { join } from "node:path";
import {
  listPartsResponseSchema,
  listVideosResponseSchema,
  problemSchema,
  signPartsResponseSchema,
  uploadSchema,
} from "@sluice/contracts";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type EmbeddedApi, openEmbeddedApi } from "./support/embedded-api.ts";

/** API Gateway → authorizer → function → Data API → PostgreSQL, from the synthesized app. */
describe("a request", () => {
  let api: EmbeddedApi;
  let token: string;
  beforeAll(async () => {
    api = await openEmbeddedApi();
    token = await api.issuer.token("owner-1");
  });
  afterAll(() => api[Symbol.asyncDispose]());

  const create = (key: string, bearer = token) =>
    api.call("POST", "/uploads", {
      token: bearer,
      headers: { "idempotency-key": key },
      body: { fileName: "film.mp4", size: 1000 },
    });

  test("finds the tables that the deployment made", () => {
    const migrations = join(import.meta.dirname, "../functions/platform/database/migrations");
    const written = readdirSync(migrations).filter((name) => /^\d{4}_\w+\.ts$/.test(name));
    expect(api.applied).toEqual(written.map((name) => name.slice(0, -3)).sort());
  });

  test("reads from the database, and answers what the contract says", async () => {
    // Act
    const answer = await api.call("GET", "/videos", {
      token,
      headers: { "x-correlation-id": "journey-1" },
    });

    // Assess
    expect(answer.body).toEqual({ videos: [] });
    expect(answer.status).toBe(200);
    expect(answer.headers.get("x-correlation-id")).toBe("journey-1");
    expect(answer.headers.get("cache-control")).toBe("no-store");
  });

  test("writes to the database once, however often it is sent", async () => {
    // Act
    const first = await create("key-1");
    const again = await create("key-1");

    // Assess
    expect([first.status, again.status]).toEqual([201, 200]);
    expect(again.body).toEqual(first.body);
    const { videoId } = uploadSchema.parse(first.body);
    const listed = await api.call("GET", "/videos", { token });
    const { videos } = listVideosResponseSchema.parse(listed.body);
    expect(videos).toEqual([
      expect.objectContaining({ videoId, title: "film", status: "uploading", playable: false }),
    ]);
  });

  test("sees nothing of other owners", async () => {
    // Prepare
    const { uploadId, videoId } = uploadSchema.parse((await create("key-2")).body);
    const other = { token: await api.issuer.token("owner-2") };

    // Act
    const answers = [
      await api.call("GET", `/videos/${videoId}`, other),
      await api.call("POST", `/videos/${videoId}/playback`, other),
      await api.call("DELETE", `/videos/${videoId}`, other),
      await api.call("GET", `/uploads/${uploadId}/parts`, other),
      await api.call("DELETE", `/uploads/${uploadId}`, other),
    ];

    // Assess
    const codes = answers.map(({ body }) => problemSchema.parse(body).code);
    expect(codes).toEqual(Array(5).fill("not-found"));
    expect((await api.call("GET", `/videos/${videoId}`, { token })).status).toBe(200);
    expect((await api.call("GET", "/videos", other)).body).toEqual({ videos: [] });
  });

  test("without a valid token goes no further than the authorizer", async () => {
    const expired = await api.issuer.token("owner-1", { exp: 1 });
    for (const options of [{}, { token: "nonsense" }, { token: expired }]) {
      const answer = await api.call("GET", "/videos", options);
      expect(answer.status).toBe(401);
      expect(answer.headers.get("content-type")).toContain("application/problem+json");
      expect(problemSchema.parse(answer.body).code).toBe("unauthenticated");
    }
  });

  test("that cannot be understood is told where it is wrong", async () => {
    const answer = await api.call("POST", "/uploads", {
      token,
      headers: { "idempotency-key": "key-3" },
      body: { fileName: "", size: 1.5, colour: "red" },
    });
    expect(answer.status).toBe(400);
    const problem = problemSchema.parse(answer.body);
    expect(problem.errors?.map(({ path }) => path).sort()).toEqual(["colour", "fileName", "size"]);
  });

  test("lets bytes go straight to the store and joins them once", async () => {
    // Prepare
    const { uploadId, videoId } = uploadSchema.parse((await create("key-4")).body);
    const path = `/uploads/${uploadId}` as const;
    const complete = (etag: string) =>
      api.call("POST", `${path}/complete`, { token, body: { parts: [{ partNumber: 1, etag }] } });
    const codeOf = ({ body }: { body: unknown }) => problemSchema.parse(body).code;
    expect(codeOf(await complete("x"))).toBe("parts-missing");

    // Act
    const signed = await api.call("POST", `${path}/parts/sign`, {
      token,
      body: { partNumbers: [1] },
    });
    const [part] = signPartsResponseSchema.parse(signed.body).parts;
    const sent = await fetch(part?.url ?? "", { method: "PUT", body: Buffer.alloc(1000) });
    const listed = await api.call("GET", `${path}/parts`, { token });
    const etag = listPartsResponseSchema.parse(listed.body).parts[0]?.etag ?? "";

    // Assess
    expect(sent.status).toBe(200);
    expect(sent.headers.get("etag")).toBe(etag);
    expect(codeOf(await complete("other"))).toBe("part-mismatch");
    const first = await complete(etag);
    expect([first.status, first.body]).toEqual([202, { videoId }]);
    const again = await complete(etag);
    expect([again.status, again.body]).toEqual([202, { videoId }]);
    expect(codeOf(await complete("other"))).toBe("upload-completed");
    expect(codeOf(await api.call("DELETE", path, { token }))).toBe("upload-completed");
  });

  test("deletes a video for good, and gives an upload up", async () => {
    // Prepare
    const whole = uploadSchema.parse((await create("key-5")).body);
    const given = uploadSchema.parse((await create("key-6")).body);

    // Act
    const deleted = await api.call("DELETE", `/videos/${whole.videoId}`, { token });
    const aborted = await api.call("DELETE", `/uploads/${given.uploadId}`, { token });

    // Assess
    expect([deleted.status, deleted.body, aborted.status]).toEqual([204, undefined, 204]);
    for (const { videoId } of [whole, given]) {
      expect((await api.call("GET", `/videos/${videoId}`, { token })).status).toBe(404);
    }
    expect((await api.call("DELETE", `/uploads/${given.uploadId}`, { token })).status).toBe(204);
    expect(problemSchema.parse((await create("key-6")).body).code).toBe("upload-aborted");
  });
});
