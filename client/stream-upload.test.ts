import { PassThrough, Readable } from "node:stream";
import { setImmediate } from "node:timers/promises";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { SluiceApi } from "./api.ts";
import { UploadCanceledError } from "./errors.ts";
import { type NodeStreamSource, streamSource } from "./node/index.ts";
import type { StreamSnapshot } from "./snapshot.ts";
import { type StreamUploadOptions, uploadStream } from "./stream-upload.ts";
import { FakeSluice } from "./testing/fake-sluice.ts";

const retry = { retries: 4, minDelayMs: 1, maxDelayMs: 3, maxRetryAfterMs: 2_000 };
const partSize = 16 * 1024;
const bytesOf = (size: number) =>
  Buffer.from(Uint8Array.from({ length: size }, (_, index) => (index * 31 + (index >> 8)) & 0xff));

let server: FakeSluice;
let source: NodeStreamSource;
let snapshots: StreamSnapshot[];

beforeEach(async () => {
  server = new FakeSluice(partSize);
  await server.listen();
  snapshots = [];
});
afterEach(async () => {
  source.close();
  await server.close();
});

function start(stream: Readable, options: StreamUploadOptions = {}) {
  const api = new SluiceApi({ baseUrl: server.baseUrl, token: async () => "t", retry });
  source = streamSource(stream, { name: "film.mkv" });
  return uploadStream(api, source, {
    retry,
    ...options,
    onChange: (snapshot) => snapshots.push(snapshot),
  });
}

const inChunks = (content: Buffer, chunk: number) =>
  Readable.from(
    (function* () {
      for (let at = 0; at < content.length; at += chunk) yield content.subarray(at, at + chunk);
    })(),
    { objectMode: false },
  );

describe("a stream of unknown length", () => {
  test("arrives whole, whatever its length, its chunks and the faults", async () => {
    const cases = fc.record({
      size: fc.oneof(
        fc.integer({ min: 1, max: 8 * partSize }),
        fc.constantFrom(1, partSize, partSize + 1, 3 * partSize),
      ),
      chunk: fc.integer({ min: 100, max: 3 * partSize }),
      failing: fc.uniqueArray(fc.integer({ min: 1, max: 8 }), { maxLength: 4 }),
    });
    await fc.assert(
      fc.asyncProperty(cases, async ({ size, chunk, failing }) => {
        await server.close();
        server = new FakeSluice(partSize);
        await server.listen();
        server.partFault = (partNumber, attempt) =>
          failing.includes(partNumber) && attempt === 1
            ? { kind: "drop", afterBytes: 1 }
            : undefined;
        const content = bytesOf(size);
        await start(inChunks(content, chunk)).result;
        source.close();
        expect(server.only().object?.equals(content)).toBe(true);
        expect(server.only().size).toBe(size);
      }),
      { numRuns: 20 },
    );
  });

  test("is sent while it still comes, and says so from the first bytes on", async () => {
    const stream = new PassThrough();
    const task = start(stream);
    await setImmediate();
    expect(server.uploads.size).toBe(0);

    stream.write(bytesOf(1));
    await vi.waitFor(() => expect(snapshots.at(-1)?.videoId).toBe(server.only().videoId));
    stream.write(bytesOf(partSize));
    await vi.waitFor(() => expect(server.only().parts.size).toBe(1));
    expect(snapshots.at(-1)?.totalBytes).toBeUndefined();
    stream.end();

    await task.result;
    expect(snapshots.at(-1)).toMatchObject({ phase: "done", totalBytes: partSize + 1 });
  });

  test("is held in memory for no more than one part beyond those in flight", async () => {
    let held = 0;
    let most = 0;
    server.partFault = (_part, attempt) =>
      attempt === 1 ? { kind: "drop", afterBytes: 1 } : undefined;
    const content = bytesOf(20 * partSize + 5);
    const task = start(inChunks(content, 5_000));
    const { hold, release } = source;
    source.hold = async (bytes, signal) => {
      held += 1;
      most = Math.max(most, held);
      return hold(bytes, signal);
    };
    source.release = (from) => {
      held -= 1;
      release(from);
    };

    await task.result;

    expect(held).toBe(0);
    expect(most).toBeGreaterThan(1);
    expect(most).toBeLessThanOrEqual(4);
    expect(server.only().object?.equals(content)).toBe(true);
  });

  test("that brings nothing makes no upload", async () => {
    await expect(start(Readable.from([])).result).rejects.toMatchObject({ code: "file-empty" });
    expect(server.uploads.size).toBe(0);
  });

  test("that brings more than is taken ends, and nothing is left on the server", async () => {
    server.maxStreamBytes = partSize + 10;
    const task = start(inChunks(bytesOf(partSize + 11), 1_000));
    await expect(task.result).rejects.toMatchObject({ code: "file-too-large" });
    expect(server.only().state).toBe("aborted");
  });

  test("that brings exactly what is taken is taken", async () => {
    server.maxStreamBytes = partSize + 10;
    await start(inChunks(bytesOf(partSize + 10), 1_000)).result;
    expect(server.only().size).toBe(partSize + 10);
  });

  test("that breaks off ends the upload with its own error", async () => {
    const stream = new PassThrough();
    const task = start(stream);
    stream.write(bytesOf(10));
    await vi.waitFor(() => expect(server.uploads.size).toBe(1));
    stream.destroy(new Error("The disk is gone."));
    await expect(task.result).rejects.toThrow("The disk is gone.");
    expect(server.only().state).toBe("aborted");
  });

  test("ends on the server when it is cancelled, also while nothing comes", async () => {
    const stream = new PassThrough();
    const task = start(stream);
    stream.write(bytesOf(10));
    await vi.waitFor(() => expect(server.uploads.size).toBe(1));
    await task.cancel();
    await expect(task.result).rejects.toThrow(UploadCanceledError);
    expect(server.only().state).toBe("aborted");
    expect(snapshots.at(-1)?.phase).toBe("canceled");
  });

  test("is done when only the answer to complete was lost", async () => {
    server.apiFault = (call) =>
      call === "POST /uploads/ID/complete" ? { kind: "answer-lost" } : undefined;
    const { videoId } = await start(inChunks(bytesOf(10), 10)).result;
    expect(videoId).toBe(server.only().videoId);
    expect(snapshots.at(-1)?.phase).toBe("done");
  });

  test("ends with the storage's answer when a part is refused for ever", async () => {
    server.partFault = (partNumber) =>
      partNumber === 2 ? { kind: "status", status: 405 } : undefined;
    const endless = new PassThrough();
    const task = start(endless);
    endless.write(bytesOf(4 * partSize));
    await expect(task.result).rejects.toMatchObject({ name: "PartRefusedError", status: 405 });
    expect(server.only().state).toBe("aborted");
  });
});
