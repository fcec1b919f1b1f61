import { randomUUID } from "node:crypto";
import { describe, expect, test } from "vitest";
import { problem, sluiceForTests } from "./support/sluice-for-tests.ts";

const sluice = sluiceForTests();

describe("what may be uploaded", () => {
  test.each([
    ["an empty file", { fileName: "a.mp4", size: 0 }, 422, "file-empty"],
    ["a file beyond every limit", { fileName: "a.mp4", size: 1e15 }, 413, "file-too-large"],
    ["a field nobody knows", { fileName: "a.mp4", size: 1, colour: "red" }, 400, "invalid-request"],
    ["a size that is none", { fileName: "a.mp4", size: null }, 400, "invalid-request"],
    ["a body that is no JSON", "{", 400, "invalid-request"],
  ])("%s is refused", async (_name, body, status, code) => {
    const answer = await sluice.api.call("POST", "/uploads", body, {
      "idempotency-key": randomUUID(),
    });

    expect(answer).toEqual(problem(status, code));
  });

  test("create without an Idempotency-Key is refused; the same key twice makes one upload", async () => {
    const key = randomUUID();

    const without = await sluice.api.call("POST", "/uploads", { fileName: "a.mp4", size: 1 });
    const [first, second] = [
      await sluice.api.create("a.mp4", 1, key),
      await sluice.api.create("a.mp4", 1, key),
    ];
    const other = await sluice.api.call(
      "POST",
      "/uploads",
      { fileName: "b.mp4", size: 2 },
      { "idempotency-key": key },
    );

    expect(without).toEqual(problem(400, "idempotency-key-missing"));
    expect(second).toEqual(first);
    expect(other.body.code).toBe("idempotency-key-reused");
  });

  test("a part of another length than declared is refused by its link", async () => {
    const upload = await sluice.api.create("a.mp4", 100);

    const [part] = await sluice.api.putParts(upload, Buffer.alloc(99));

    expect(part?.status).toBe(403);
  });

  test("complete without every part says which are missing; a second complete answers the same", async () => {
    const upload = await sluice.api.create("clip.mp4", sluice.clip.length);
    const path = `/uploads/${upload.uploadId}/complete`;

    const early = await sluice.api.call("POST", path, { parts: [{ partNumber: 1, etag: '"0"' }] });
    const sent = await sluice.api.putParts(upload, sluice.clip);
    const parts = sent.map(({ partNumber, etag }) => ({ partNumber, etag }));
    const first = await sluice.api.call("POST", path, { parts });
    const second = await sluice.api.call("POST", path, { parts });
    const different = await sluice.api.call("POST", path, {
      parts: [{ partNumber: 1, etag: '"0"' }],
    });

    expect(early).toEqual(problem(409, "parts-missing"));
    expect(first.status).toBe(202);
    expect(second).toEqual(first);
    expect(different).toEqual(problem(409, "upload-completed"));
    await sluice.api.settled(upload.videoId);
  });

  test("an upload that was aborted is gone, and aborting it again is fine", async () => {
    const upload = await sluice.api.create("a.mp4", 100);

    const aborted = await sluice.api.call("DELETE", `/uploads/${upload.uploadId}`);
    const again = await sluice.api.call("DELETE", `/uploads/${upload.uploadId}`);
    const video = await sluice.api.call("GET", `/videos/${upload.videoId}`);

    expect([aborted.status, again.status, video.status]).toEqual([204, 204, 404]);
  });
});
