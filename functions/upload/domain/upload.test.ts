import { randomUUID } from "node:crypto";
import { type CreateUploadRequest, MiB, uploadSchema } from "@sluice/contracts";
import { describe, expect, it, vi } from "vitest";
import type { UploadStore } from "../ports.ts";
import { type MemorySourceStorage, memorySourceStorage } from "../testing/memory-source-storage.ts";
import { memoryUploadStore } from "../testing/memory-upload-store.ts";
import { abortUpload } from "./abort-upload.ts";
import { completeUpload } from "./complete-upload.ts";
import { createUpload } from "./create-upload.ts";
import { listParts } from "./list-parts.ts";
import { signParts } from "./sign-parts.ts";

const owner = "owner-1";
const now = new Date("2026-01-01T00:00:00Z");
const request: CreateUploadRequest = { fileName: "film.mp4", size: 8 * MiB + 3 };
const first = Buffer.alloc(8 * MiB, 1);
const last = Buffer.from("end");

interface Ports {
  readonly store: UploadStore;
  readonly storage: MemorySourceStorage;
  /** Videos that others were told of. */
  readonly announced: string[];
  readonly announce: (videoId: string) => Promise<void>;
}
const openPorts = (): Ports => {
  const announced: string[] = [];
  return {
    ...{ store: memoryUploadStore(), storage: memorySourceStorage(1), announced },
    announce: async (videoId) => void announced.push(videoId),
  };
};

const maxBytes = 100 * MiB;

const create = async (ports: Ports, changes: Partial<CreateUploadRequest> = {}, key = "key-1") => {
  const { upload, created } = await createUpload(ports, {
    owner,
    idempotencyKey: key,
    correlationId: "correlation-1",
    request: { ...request, ...changes },
    maxBytes,
    defaultDispatch: "pull",
    newId: randomUUID,
  });
  return { upload: uploadSchema.parse(upload), created };
};

/** An upload whose length nobody has said. */
const createStream = async (ports: Ports) => {
  const { upload } = await createUpload(ports, {
    owner,
    idempotencyKey: "key-1",
    correlationId: "correlation-1",
    request: { fileName: "stdin.mkv" },
    maxBytes,
    defaultDispatch: "pull",
    newId: randomUUID,
  });
  const record = await ports.store.find(owner, upload.uploadId);
  return { ...upload, storageId: record?.storageId ?? "" };
};

/** An upload whose bytes are all sent. */
const sentUpload = async (ports: Ports) => {
  const { upload } = await create(ports);
  const record = await ports.store.find(owner, upload.uploadId);
  const storageId = record?.storageId ?? "";
  ports.storage.putPart(storageId, 1, first);
  ports.storage.putPart(storageId, 2, last);
  const { uploadId } = upload;
  const pages = [
    await listParts(ports, { owner, uploadId, after: 0, now }),
    await listParts(ports, { owner, uploadId, after: 1, now }),
  ];
  const parts = pages.flatMap((page) => page.parts);
  return { ...upload, storageId, parts };
};

describe("creating an upload", () => {
  it("cuts the file and mints a video", async () => {
    const { upload, created } = await create(openPorts());
    expect(created).toBe(true);
    expect(upload).toMatchObject({ size: request.size, partSize: 8 * MiB, partCount: 2 });
  });

  it.each([
    [{}, "pull"],
    [{ dispatch: "push" }, "push"],
  ] as const)("sends the tasks of %j by %s", async (changes, dispatch) => {
    const ports = openPorts();
    const created = vi.spyOn(ports.store, "create");
    await create(ports, changes);
    expect(created).toHaveBeenCalledWith(expect.objectContaining({ dispatch }));
  });

  it("answers the same to the same key and request, and opens the store once", async () => {
    const ports = openPorts();
    const one = await create(ports);
    const two = await create(ports);
    expect(two).toEqual({ upload: one.upload, created: false });
    expect(ports.storage.openCount()).toBe(1);
  });

  it("refuses the same key with another request", async () => {
    const ports = openPorts();
    await create(ports);
    for (const changes of [{ size: 7 }, { dispatch: "push" as const }])
      await expect(create(ports, changes)).rejects.toMatchObject({
        code: "idempotency-key-reused",
      });
  });

  it.each([
    ["an empty file", 0, "file-empty"],
    ["a file beyond the limit", 100 * MiB + 1, "file-too-large"],
  ])("refuses %s", async (_, size, code) => {
    await expect(create(openPorts(), { size })).rejects.toMatchObject({ code });
  });

  it("continues after a crash between the row and the store", async () => {
    // Prepare
    const ports = openPorts();
    const open = ports.storage.open;
    ports.storage.open = () => Promise.reject(new Error("crash"));
    await expect(create(ports)).rejects.toThrow("crash");
    ports.storage.open = open;

    // Act
    const { upload, created } = await create(ports);

    // Assess
    expect(created).toBe(false);
    expect(await ports.store.find(owner, upload.uploadId)).toMatchObject({
      storageId: expect.any(String),
    });
  });

  it("leaves one multipart upload when the same request comes twice at a time", async () => {
    const ports = openPorts();
    const [one, two] = await Promise.all([create(ports), create(ports)]);
    expect(one.upload).toEqual(two.upload);
    expect(ports.storage.openCount()).toBe(1);
  });
});

describe("signing parts", () => {
  it("binds each link to the length of its part", async () => {
    const ports = openPorts();
    const { upload } = await create(ports);
    const answer = await signParts(ports, {
      ...{ owner, uploadId: upload.uploadId, maxBytes, now },
      partNumbers: [2, 1],
    });
    expect(answer.parts.map((part) => [part.partNumber, part.contentLength])).toEqual([
      [2, 3],
      [1, 8 * MiB],
    ]);
    expect(answer.expiresAt).toBe("2026-01-01T01:00:00.000Z");
  });

  it("refuses a part that the file does not have, and says which", async () => {
    const ports = openPorts();
    const { upload } = await create(ports);
    const signing = signParts(ports, {
      ...{ owner, uploadId: upload.uploadId, maxBytes, now },
      partNumbers: [1, 3],
    });
    await expect(signing).rejects.toMatchObject({
      code: "invalid-request",
      errors: [{ path: "partNumbers.1" }],
    });
  });
});

describe("an uploader who is still there", () => {
  it("is noted once an hour, by signing and by listing", async () => {
    const ports = openPorts();
    const { upload } = await create(ports);
    const touched = vi.spyOn(ports.store, "touch");
    const { uploadId } = upload;
    const activeAt = (await ports.store.find(owner, uploadId))?.activeAt.getTime() ?? 0;
    const [soon, later, latest] = [60_000, 3_600_001, 9_000_000].map(
      (ms) => new Date(activeAt + ms),
    ) as [Date, Date, Date];
    const maxBytes = 100 * MiB;

    await signParts(ports, { owner, uploadId, partNumbers: [1], maxBytes, now: soon });
    await listParts(ports, { owner, uploadId, after: 0, now: soon });
    expect(touched).not.toHaveBeenCalled();
    await signParts(ports, { owner, uploadId, partNumbers: [1], maxBytes, now: later });
    await listParts(ports, { owner, uploadId, after: 0, now: latest });
    expect(touched).toHaveBeenCalledTimes(2);
  });
});

describe("completing an upload", () => {
  it("answers the video, and the same again when the answer was lost", async () => {
    const ports = openPorts();
    const { uploadId, videoId, parts } = await sentUpload(ports);
    const command = { owner, uploadId, parts };
    expect(await completeUpload(ports, command)).toEqual({ videoId });
    expect(await completeUpload(ports, command)).toEqual({ videoId });
    expect(ports.announced).toEqual([videoId]);
  });

  it("answers the same to many requests at once", async () => {
    const ports = openPorts();
    const { uploadId, videoId, parts } = await sentUpload(ports);
    const answers = await Promise.all(
      [1, 2, 3].map(() => completeUpload(ports, { owner, uploadId, parts })),
    );
    expect(answers).toEqual([{ videoId }, { videoId }, { videoId }]);
  });

  it("finishes when it died between the store and the row", async () => {
    // Prepare
    const ports = openPorts();
    const { uploadId, videoId, parts } = await sentUpload(ports);
    const { markCompleted } = ports.store;
    ports.store.markCompleted = () => Promise.reject(new Error("crash"));
    await expect(completeUpload(ports, { owner, uploadId, parts })).rejects.toThrow("crash");
    ports.store.markCompleted = markCompleted;

    // Act, assess
    await expect(
      completeUpload(ports, { owner, uploadId, parts: [{ partNumber: 1, etag: "x" }] }),
    ).rejects.toMatchObject({ code: "upload-completed" });
    expect(await completeUpload(ports, { owner, uploadId, parts })).toEqual({ videoId });
    expect(ports.announced).toEqual([videoId]);
  });

  it("refuses other parts after the end", async () => {
    const ports = openPorts();
    const { uploadId, parts } = await sentUpload(ports);
    await completeUpload(ports, { owner, uploadId, parts });
    await expect(
      completeUpload(ports, { owner, uploadId, parts: parts.slice(1) }),
    ).rejects.toMatchObject({ code: "upload-completed" });
    await expect(
      signParts(ports, { owner, uploadId, partNumbers: [1], maxBytes, now }),
    ).rejects.toMatchObject({ code: "upload-completed" });
  });

  it("refuses a file with a part missing and takes it once the part was sent", async () => {
    // Prepare
    const ports = openPorts();
    const { uploadId, videoId, parts } = await sentUpload(ports);

    // Act, assess
    await expect(
      completeUpload(ports, { owner, uploadId, parts: parts.slice(0, 1) }),
    ).rejects.toMatchObject({ code: "parts-missing", message: expect.stringContaining(": 2.") });
    expect(await completeUpload(ports, { owner, uploadId, parts })).toEqual({ videoId });
  });

  it("says that the upload is gone when the store gave it up", async () => {
    const ports = openPorts();
    const { uploadId, videoId, parts, storageId } = await sentUpload(ports);
    await ports.storage.abort(videoId, storageId);
    await expect(completeUpload(ports, { owner, uploadId, parts })).rejects.toMatchObject({
      code: "upload-aborted",
    });
  });
});

describe("an upload of unknown length", () => {
  const full = Buffer.alloc(64 * MiB, 1);

  it("says how large its parts are and how long it may become", async () => {
    expect(await createStream(openPorts())).toMatchObject({ partSize: 64 * MiB, maxBytes });
  });

  it("becomes a file of the size that is said at its end", async () => {
    // Prepare
    const ports = openPorts();
    const { uploadId, videoId, storageId } = await createStream(ports);
    ports.storage.putPart(storageId, 1, full);
    ports.storage.putPart(storageId, 2, last);
    const { parts } = await listParts(ports, { owner, uploadId, after: 0, now });
    const rest = await listParts(ports, { owner, uploadId, after: 1, now });
    const command = { owner, uploadId, parts: [...parts, ...rest.parts] };

    // Act
    const without = completeUpload(ports, command);
    await expect(without).rejects.toMatchObject({ errors: [{ path: "size" }] });
    const short = completeUpload(ports, { ...command, size: full.length + 1 });
    await expect(short).rejects.toMatchObject({ code: "size-mismatch" });
    const size = full.length + last.length;
    const answers = [
      await completeUpload(ports, { ...command, size }),
      await completeUpload(ports, { ...command, size }),
    ];

    // Assess
    expect(answers).toEqual([{ videoId }, { videoId }]);
    expect(await ports.storage.sizeOf(videoId)).toBe(size);
    expect((await ports.store.find(owner, uploadId))?.size).toBe(size);
  });

  it("refuses an end before the last part that was sent", async () => {
    const ports = openPorts();
    const { uploadId, storageId } = await createStream(ports);
    ports.storage.putPart(storageId, 1, full);
    ports.storage.putPart(storageId, 2, last);
    const { parts } = await listParts(ports, { owner, uploadId, after: 0, now });
    await expect(
      completeUpload(ports, { owner, uploadId, parts, size: full.length }),
    ).rejects.toMatchObject({ code: "size-mismatch" });
  });

  it("refuses a short part that is not the last", async () => {
    const ports = openPorts();
    const { uploadId, storageId } = await createStream(ports);
    ports.storage.putPart(storageId, 1, last);
    ports.storage.putPart(storageId, 2, full);
    const pages = [
      await listParts(ports, { owner, uploadId, after: 0, now }),
      await listParts(ports, { owner, uploadId, after: 1, now }),
    ];
    const parts = pages.flatMap((page) => page.parts);
    await expect(
      completeUpload(ports, { owner, uploadId, parts, size: full.length + last.length }),
    ).rejects.toMatchObject({ code: "size-mismatch" });
  });

  it("finishes when it died between the store and the row, with the size that the store holds", async () => {
    // Prepare
    const ports = openPorts();
    const { uploadId, videoId, storageId } = await createStream(ports);
    ports.storage.putPart(storageId, 1, last);
    const { parts } = await listParts(ports, { owner, uploadId, after: 0, now });
    const command = { owner, uploadId, parts, size: last.length };
    const { markCompleted } = ports.store;
    ports.store.markCompleted = () => Promise.reject(new Error("crash"));
    await expect(completeUpload(ports, command)).rejects.toThrow("crash");
    ports.store.markCompleted = markCompleted;

    // Act, assess
    expect(await completeUpload(ports, command)).toEqual({ videoId });
    expect((await ports.store.find(owner, uploadId))?.size).toBe(last.length);
  });
});

describe("a size that is said twice", () => {
  it("must be the same", async () => {
    const ports = openPorts();
    const { uploadId, videoId, parts, size } = await sentUpload(ports);
    const command = { owner, uploadId, parts };
    await expect(completeUpload(ports, { ...command, size: size + 1 })).rejects.toMatchObject({
      code: "size-mismatch",
    });
    expect(await completeUpload(ports, { ...command, size })).toEqual({ videoId });
  });
});

describe("aborting an upload", () => {
  it("frees the parts, takes nothing more, and may be repeated", async () => {
    const ports = openPorts();
    const { uploadId, parts } = await sentUpload(ports);
    for (let time = 0; time < 2; time += 1) await abortUpload(ports, { owner, uploadId });
    expect(ports.storage.openCount()).toBe(0);
    const attempts = [
      () => create(ports),
      () => listParts(ports, { owner, uploadId, after: 0, now }),
      () => signParts(ports, { owner, uploadId, partNumbers: [1], maxBytes, now }),
      () => completeUpload(ports, { owner, uploadId, parts }),
    ];
    for (const attempt of attempts) {
      await expect(attempt()).rejects.toMatchObject({ code: "upload-aborted" });
    }
  });

  it("does not touch a file that is complete, even before the row says so", async () => {
    const ports = openPorts();
    const { uploadId, videoId, storageId, parts, size } = await sentUpload(ports);
    await ports.storage.complete({ videoId, storageId, parts, size });
    await expect(abortUpload(ports, { owner, uploadId })).rejects.toMatchObject({
      code: "upload-completed",
    });
  });
});

describe("somebody else's upload", () => {
  it("does not exist", async () => {
    // Prepare
    const ports = openPorts();
    const { uploadId, parts } = await sentUpload(ports);
    const other = { owner: "owner-2", uploadId };

    // Act
    const attempts = [
      signParts(ports, { ...other, partNumbers: [1], maxBytes, now }),
      listParts(ports, { ...other, after: 0, now }),
      completeUpload(ports, { ...other, parts }),
      abortUpload(ports, other),
    ];

    // Assess
    for (const attempt of attempts) {
      await expect(attempt).rejects.toMatchObject({ code: "not-found" });
    }
    expect(ports.storage.openCount()).toBe(1);
  });
});
