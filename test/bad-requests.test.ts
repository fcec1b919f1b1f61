import { randomUUID } from "node:crypto";
import type { Video } from "@sluice/contracts";
import { describe, expect, test } from "vitest";
import { RawApi, tokenFor } from "./support/api.ts";
import { problem, sluiceForTests } from "./support/sluice-for-tests.ts";

const sluice = sluiceForTests();

describe("who may ask", () => {
  test.each([
    ["no token", ""],
    ["a token that is none", "nonsense"],
    ["a token of another issuer", "eyJhbGciOiJub25lIn0.eyJzdWIiOiJtZSJ9."],
  ])("%s: 401 as problem+json", async (_name, token) => {
    const answer = await new RawApi(sluice.ready, token).call("GET", "/videos");

    expect(answer).toEqual(problem(401, "unauthenticated"));
  });

  test("another owner's upload and video do not exist", async () => {
    const upload = await sluice.api.create("mine.mp4", 10);
    const other = new RawApi(
      sluice.ready,
      await tokenFor("somebody-else", sluice.dataDir, sluice.ready.web),
    );

    const answers = await Promise.all([
      other.call("GET", `/videos/${upload.videoId}`),
      other.call("DELETE", `/videos/${upload.videoId}`),
      other.call("POST", `/videos/${upload.videoId}/playback`),
      other.call("GET", `/uploads/${upload.uploadId}/parts`),
      other.call("POST", `/uploads/${upload.uploadId}/parts/sign`, { partNumbers: [1] }),
    ]);

    for (const answer of answers) expect(answer).toEqual(problem(404, "not-found"));
    expect((await other.call<{ videos: Video[] }>("GET", "/videos")).body.videos).toEqual([]);
  });

  test("an unknown id is 404, an id that is none is 400", async () => {
    expect(await sluice.api.call("GET", `/videos/${randomUUID()}`)).toEqual(
      problem(404, "not-found"),
    );
    expect(await sluice.api.call("GET", "/videos/not-an-id")).toEqual(
      problem(400, "invalid-request"),
    );
  });

  test("an unknown path is problem+json too", async () => {
    const answer = await sluice.api.call("GET", "/nothing-here");

    expect(answer.type).toContain("application/problem+json");
    expect(answer.status).toBe(404);
  });
});

test("a body of 11 MB is too large, and the next request is answered", async () => {
  const body = JSON.stringify({ fileName: "a.mp4", size: 1, padding: "x".repeat(11_000_000) });

  const answer = await sluice.api.call("POST", "/uploads", body, {
    "idempotency-key": randomUUID(),
  });
  const next = await sluice.api.call("GET", "/videos");

  expect(answer).toEqual(problem(413, "payload-too-large"));
  expect(next.status).toBe(200);
});
