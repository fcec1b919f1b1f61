import { createHash } from "node:crypto";
import { appendFile, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { SluiceApi } from "./api.ts";
import { SourceChangedError, UploadCanceledError } from "./errors.ts";
import { type FileSource, fileSource, resumeDirectory } from "./node/index.ts";
import { memoryResumeStore } from "./resume.ts";
import type { UploadSnapshot } from "./snapshot.ts";
import { FakeSluice, type PartFault } from "./testing/fake-sluice.ts";
import { ManualClock } from "./testing/manual-clock.ts";
import { type UploadOptions, upload } from "./upload.ts";

const retry = { retries: 4, minDelayMs: 1, maxDelayMs: 3, maxRetryAfterMs: 2_000 };
const partSize = 64 * 1024;
const partCount = 9;
const size = partSize * (partCount - 1) + 1234;
const content = Buffer.from(
  Uint8Array.from({ length: size }, (_, index) => (index * 31 + (index >> 8)) & 0xff),
);

let directory: string;
let path: string;
let server: FakeSluice;
let source: FileSource;
let snapshots: UploadSnapshot[];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "sluice-client-"));
  path = join(directory, "film.mp4");
  await writeFile(path, content);
  server = new FakeSluice(partSize);
  await server.listen();
  source = await fileSource(path);
  snapshots = [];
});
afterEach(async () => {
  await source.close();
  await server.close();
  await rm(directory, { recursive: true });
});

function start(options: UploadOptions = {}) {
  const api = new SluiceApi({ baseUrl: server.baseUrl, token: async () => "t", retry });
  return upload(api, source, {
    retry,
    resumeStore: memoryResumeStore(),
    ...options,
    onChange(snapshot) {
      snapshots.push(snapshot);
      options.onChange?.(snapshot);
    },
  });
}

const phases = () => [...new Set(snapshots.map((snapshot) => snapshot.phase))];
const sha = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

function expectWhole(): void {
  const object = server.only().object;
  expect(object?.length).toBe(size);
  expect(sha(object ?? Buffer.alloc(0))).toBe(sha(content));
}

describe("without faults", () => {
  test("every byte arrives once, with one signing request", async () => {
    const { videoId } = await start().result;
    expect(videoId).toBe(server.only().videoId);
    expectWhole();
    expect(server.bytesReceived).toBe(size);
    expect(server.partAttempts).toBe(partCount);
    expect(server.count("POST /uploads/ID/parts/sign")).toBe(1);
    expect(phases()).toEqual(["preparing", "uploading", "completing", "done"]);
  });

  test("progress only ever grows, and ends at the size of the file", async () => {
    await start().result;
    const bytes = snapshots.map((snapshot) => snapshot.bytes);
    expect(bytes).toEqual([...bytes].sort((a, b) => a - b));
    expect(bytes.at(-1)).toBe(size);
  });

  test("a file of thousands of parts is signed a hundred at a time", async () => {
    await server.close();
    server = new FakeSluice(512);
    await server.listen();
    await start().result;
    expectWhole();
    const parts = Math.ceil(size / 512);
    expect(server.partAttempts).toBe(parts);
    expect(server.count("POST /uploads/ID/parts/sign")).toBe(Math.ceil(parts / 100));
  });
});

describe("faults", () => {
  const fault: fc.Arbitrary<PartFault> = fc.oneof(
    fc.record({
      kind: fc.constant("drop" as const),
      afterBytes: fc.integer({ min: 1, max: partSize }),
    }),
    fc.constant({ kind: "status" as const, status: 503, code: "SlowDown" }),
    fc.constant({ kind: "status" as const, status: 500, code: "InternalError" }),
    fc.constant({ kind: "status" as const, status: 403, code: "AccessDenied" }),
    fc.constant({ kind: "status" as const, status: 400, code: "RequestTimeout" }),
  );

  test("whatever breaks, every byte arrives and no more is sent again than failures explain", async () => {
    const schedule = fc.dictionary(
      fc.integer({ min: 1, max: partCount }).map(String),
      fc.array(fault, { minLength: 1, maxLength: 3 }),
      { maxKeys: partCount },
    );
    await fc.assert(
      fc.asyncProperty(schedule, async (faults) => {
        await server.close();
        server = new FakeSluice(partSize);
        await server.listen();
        let failures = 0;
        server.partFault = (partNumber, attempt) => {
          const planned = faults[String(partNumber)]?.[attempt - 1];
          if (planned) failures += 1;
          return planned;
        };
        await start().result;
        expectWhole();
        expect(server.bytesReceived).toBeLessThanOrEqual(size + failures * partSize);
      }),
      { numRuns: 15 },
    );
  });

  test("an expired link is signed again and not counted as a failed try", async () => {
    server.partFault = (partNumber, attempt) =>
      partNumber === 3 && attempt <= 2 ? { kind: "status", status: 403 } : undefined;
    await start({ retry: { ...retry, retries: 0 } }).result;
    expectWhole();
    expect(server.count("POST /uploads/ID/parts/sign")).toBe(3);
  });

  test("a link that is refused for ever ends the upload with the storage's answer", async () => {
    server.partFault = () => ({ kind: "status", status: 403, code: "AccessDenied" });
    const error = await start().result.catch((thrown) => thrown);
    expect(error).toMatchObject({ name: "PartRefusedError", status: 403, code: "AccessDenied" });
    expect(phases().at(-1)).toBe("failed");
  });

  test("Retry-After is waited for", async () => {
    server.partFault = (partNumber, attempt) =>
      partNumber === 1 && attempt === 1
        ? { kind: "status", status: 503, retryAfter: "1" }
        : undefined;
    const clock = new ManualClock();
    server.now = () => clock.now();
    const task = start({ clock });
    await vi.waitFor(() => expect(server.only().parts.size).toBe(partCount - 1));
    expect(snapshots.at(-1)?.phase).toBe("uploading");
    await vi.waitFor(() => expect(clock.pending).toBe(1));
    clock.advance(1_000);
    await task.result;
    expectWhole();
  });

  test("a connection that stands still is given up after the stall time and sent again", async () => {
    server.partFault = (partNumber, attempt) =>
      partNumber === 2 && attempt === 1 ? { kind: "stall" } : undefined;
    const clock = new ManualClock();
    server.now = () => clock.now();
    const task = start({ clock, stallMs: 30_000 });
    await vi.waitFor(() => expect(server.only().parts.size).toBe(partCount - 1));
    await vi.waitFor(() => expect(clock.pending).toBe(1));
    clock.advance(29_999);
    expect(server.only().parts.size).toBe(partCount - 1);
    clock.advance(30_000);
    await task.result;
    expectWhole();
    expect(server.partAttempts).toBe(partCount + 1);
  });

  test("offline is not counted: it waits, says so, and goes on when the network is back", async () => {
    let online = false;
    const listeners = new Set<() => void>();
    server.partFault = () => (online ? undefined : { kind: "drop", afterBytes: 1 });
    const task = start({
      retry: { ...retry, retries: 0 },
      connectivity: {
        isOnline: () => online,
        onChange(listener) {
          listeners.add(listener);
          return () => listeners.delete(listener);
        },
      },
    });
    await vi.waitFor(() => expect(listeners.size).toBe(4));
    expect(snapshots.at(-1)?.trouble).toMatchObject({ offline: true });
    online = true;
    for (const listener of [...listeners]) listener();
    await task.result;
    expectWhole();
    expect(snapshots.at(-1)?.trouble).toBeUndefined();
  });

  test("a lost answer to complete is asked for again", async () => {
    server.apiFault = (call, nth) =>
      call === "POST /uploads/ID/complete" && nth === 1 ? { kind: "answer-lost" } : undefined;
    await start().result;
    expectWhole();
  });

  test("a part that the storage lost is found by complete and sent again", async () => {
    const task = start({
      onChange({ phase }) {
        if (phase === "completing" && server.count("GET /uploads/ID/parts") === 0) {
          server.only().parts.delete(4);
        }
      },
    });
    await task.result;
    expectWhole();
    expect(server.partAttempts).toBe(partCount + 1);
  });

  test("an upload ended by somebody else says so, and the next start begins anew", async () => {
    const resumeStore = memoryResumeStore();
    server.onPart = (partNumber) => {
      if (partNumber === 6) server.only().state = "aborted";
    };
    await expect(start({ resumeStore }).result).rejects.toMatchObject({ code: "upload-aborted" });
    server.onPart = () => {};
    const { videoId } = await start({ resumeStore }).result;
    expect([...server.uploads.values()].map(({ state }) => state)).toEqual([
      "aborted",
      "completed",
    ]);
    expect(server.uploads.size).toBe(2);
    expect(videoId).toBe([...server.uploads.values()][1]?.videoId);
  });

  test("a file that changes underneath is not completed, and nothing is left on the server", async () => {
    server.onPart = (partNumber) => {
      if (partNumber === partCount) void appendFile(path, "more");
    };
    server.partFault = (partNumber, attempt) =>
      partNumber === partCount && attempt === 1 ? { kind: "drop", afterBytes: 1 } : undefined;
    await expect(start().result).rejects.toThrow(SourceChangedError);
    expect(server.only().state).toBe("aborted");
  });
});

describe("stopping", () => {
  test("cancel ends the upload on the server", async () => {
    server.partFault = (partNumber) => (partNumber === partCount ? { kind: "stall" } : undefined);
    const task = start();
    task.result.catch(() => {});
    await vi.waitFor(() => expect(server.only().parts.size).toBe(partCount - 1));
    await task.cancel();
    await expect(task.result).rejects.toThrow(UploadCanceledError);
    expect(server.only().state).toBe("aborted");
    expect(phases().at(-1)).toBe("canceled");
  });

  test("cancel before create has answered still leaves nothing behind", async () => {
    const stop = new AbortController();
    server.apiFault = (call, nth) => {
      if (call === "POST /uploads" && nth === 1) stop.abort();
      return undefined;
    };
    await expect(start({ signal: stop.signal }).result).rejects.toThrow(UploadCanceledError);
    expect(server.only().state).toBe("aborted");
  });

  test("pause ends what is in flight, and resume sends the rest", async () => {
    let pausedOnce = false;
    const task = start({
      onChange({ phase, confirmedBytes }) {
        if (phase !== "uploading" || confirmedBytes === 0 || pausedOnce) return;
        pausedOnce = true;
        queueMicrotask(() => task.pause());
      },
    });
    await vi.waitFor(() => expect(snapshots.at(-1)?.phase).toBe("paused"));
    await new Promise((resolve) => setImmediate(resolve));
    expect(server.only().parts.size).toBeLessThan(partCount);
    expect(server.only().state).toBe("open");
    task.resume();
    await task.result;
    expectWhole();
  });

  test("after detach, another start of the same file sends only what is missing", async () => {
    const resumeStore = resumeDirectory(join(directory, "state", "uploads"));
    const first = start({
      resumeStore,
      onChange({ confirmedBytes }) {
        if (confirmedBytes >= 3 * partSize) void first.detach();
      },
    });
    await expect(first.result).rejects.toMatchObject({ name: "UploadDetachedError" });
    const kept = server.only().parts.size;
    expect(kept).toBeGreaterThanOrEqual(3);
    const attemptsBefore = server.partAttempts;

    await start({ resumeStore }).result;

    expectWhole();
    expect(server.partAttempts - attemptsBefore).toBeLessThanOrEqual(partCount - kept);
    expect(server.count("POST /uploads/ID/complete")).toBe(1);
    expect(await resumeStore.all()).toEqual([]);
  });

  test("another file of the same name is not resumed", async () => {
    const resumeStore = memoryResumeStore();
    server.partFault = () => ({ kind: "status", status: 405 });
    await expect(start({ resumeStore }).result).rejects.toMatchObject({ status: 405 });
    server.partFault = () => undefined;
    await source.close();
    await writeFile(path, content.subarray(0, 1_000));
    source = await fileSource(path);
    await start({ resumeStore }).result;
    expect(server.uploads.size).toBe(2);
  });

  test("an upload completed by a run whose answer was lost is done at the next start", async () => {
    const resumeStore = memoryResumeStore();
    server.apiFault = (call) =>
      call === "POST /uploads/ID/complete" ? { kind: "answer-lost" } : undefined;
    await expect(start({ resumeStore }).result).rejects.toMatchObject({ name: "UnreachableError" });
    server.apiFault = () => undefined;
    const { videoId } = await start({ resumeStore }).result;
    expect(videoId).toBe(server.only().videoId);
    expect(server.partAttempts).toBe(partCount);
  });
});
