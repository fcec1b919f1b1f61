import { readdirSync, rmSync, writeFileSync } from "node:fs";
import { open } from "node:fs/promises";
import path from "node:path";
import {
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import { afterEach, describe, expect, test } from "vitest";
import { ManualClock } from "../clock.ts";
import { dueSince } from "./lifecycle.ts";
import { openS3, type S3Fixture, type S3FixtureOptions } from "./s3-fixture.ts";

const Bucket = "media";
const queueArn = "arn:aws:sqs:us-east-1:000000000000:ingest";
const notifying = {
  NotificationConfiguration: {
    QueueConfigurations: [
      {
        Event: "s3:ObjectCreated:*",
        Queue: queueArn,
        Filter: { S3Key: { Rules: [{ Name: "Prefix", Value: "sources/" }] } },
      },
      { Event: "s3:ObjectRemoved:Delete", Queue: queueArn },
    ],
  },
};

const opened: S3Fixture[] = [];
async function start(options: S3FixtureOptions = {}): Promise<S3Fixture> {
  const s3 = await openS3(options);
  opened.push(s3);
  return s3;
}
async function restart(s3: S3Fixture, options: S3FixtureOptions = {}): Promise<S3Fixture> {
  opened.splice(opened.indexOf(s3), 1);
  await s3.close({ keepData: true });
  return start({ ...options, dataDir: s3.dataDir });
}
afterEach(async () => {
  for (const s3 of opened.splice(0)) {
    await s3.close();
    rmSync(s3.dataDir, { recursive: true, force: true });
  }
});

const put = (s3: S3Fixture, Key: string, Body: string | Buffer = "hello") =>
  s3.client.send(new PutObjectCommand({ Bucket, Key, Body }));
const blobs = (s3: S3Fixture) =>
  readdirSync(path.join(s3.dataDir, "s3", "blobs"), {
    recursive: true,
    withFileTypes: true,
  }).filter((entry) => entry.isFile()).length;

describe("after a restart", () => {
  test("objects are there, an upload goes on, and what no row names is swept", async () => {
    const before = await start();
    await put(before, "k");
    const { UploadId } = await before.client.send(
      new CreateMultipartUploadCommand({ Bucket, Key: "m" }),
    );
    const upload = { Bucket, Key: "m", UploadId, PartNumber: 1 };
    const { ETag } = await before.client.send(new UploadPartCommand({ ...upload, Body: "part" }));
    writeFileSync(path.join(before.dataDir, "s3", "blobs", "00", "0".repeat(32)), "half an upload");

    const after = await restart(before);
    expect(blobs(after)).toBe(2);
    expect(after.logged.join()).toContain("Unfinished uploads");
    await after.client.send(
      new CompleteMultipartUploadCommand({
        ...upload,
        MultipartUpload: { Parts: [{ PartNumber: 1, ETag }] },
      }),
    );
    for (const [Key, text] of [
      ["k", "hello"],
      ["m", "part"],
    ] as const) {
      const { Body } = await after.client.send(new GetObjectCommand({ Bucket, Key }));
      expect(await Body?.transformToString()).toBe(text);
    }
  });
});

describe("notifications", () => {
  test("are AWS's records, for the events and keys that were asked for", async () => {
    const s3 = await start({ bucket: notifying, clock: new ManualClock() });
    await put(s3, "elsewhere/k");
    await put(s3, "sources/a b+ü(1)");
    await put(s3, "sources/a b+ü(1)", "again");
    await s3.client.send(new DeleteObjectCommand({ Bucket, Key: "sources/a b+ü(1)" }));
    await s3.client.send(new DeleteObjectCommand({ Bucket, Key: "never there" }));
    await expect.poll(() => s3.sent.length).toBe(3);
    expect(s3.sent.map((message) => message.queueArn)).toEqual([queueArn, queueArn, queueArn]);
    const records = s3.sent.map(({ body }) => JSON.parse(body).Records[0]);
    expect(records[0]).toEqual({
      eventVersion: "2.1",
      eventSource: "aws:s3",
      awsRegion: "us-east-1",
      eventTime: new Date(s3.context.clock.now()).toISOString(),
      eventName: "ObjectCreated:Put",
      userIdentity: { principalId: `AWS:${s3.context.credentials.accessKeyId}` },
      requestParameters: { sourceIPAddress: "127.0.0.1" },
      responseElements: {
        "x-amz-request-id": expect.any(String),
        "x-amz-id-2": expect.any(String),
      },
      s3: {
        s3SchemaVersion: "1.0",
        configurationId: expect.any(String),
        bucket: { name: Bucket, ownerIdentity: expect.anything(), arn: "arn:aws:s3:::media" },
        object: {
          key: "sources/a+b%2B%C3%BC%281%29",
          size: 5,
          eTag: "5d41402abc4b2a76b9719d911017c592",
          sequencer: expect.stringMatching(/^[0-9A-F]+$/),
        },
      },
    });
    expect(records[2]).toMatchObject({ eventName: "ObjectRemoved:Delete" });
    expect(records[2].s3.object).not.toHaveProperty("size");
    const sequencers = records.map((record) => record.s3.object.sequencer);
    expect(sequencers).toEqual(sequencers.toSorted());
    expect(new Set(sequencers).size).toBe(3);
  });

  test("of a completed upload name it so", async () => {
    const s3 = await start({ bucket: notifying });
    const upload = { Bucket, Key: "sources/m" };
    const { UploadId } = await s3.client.send(new CreateMultipartUploadCommand(upload));
    const { ETag } = await s3.client.send(
      new UploadPartCommand({ ...upload, UploadId, PartNumber: 1, Body: "part" }),
    );
    await s3.client.send(
      new CompleteMultipartUploadCommand({
        ...upload,
        UploadId,
        MultipartUpload: { Parts: [{ PartNumber: 1, ETag }] },
      }),
    );
    await expect.poll(() => s3.sent.length).toBe(1);
    expect(JSON.parse(s3.sent[0]?.body ?? "").Records[0]).toMatchObject({
      eventName: "ObjectCreated:CompleteMultipartUpload",
      s3: { object: { size: 4, eTag: expect.stringMatching(/-1$/) } },
    });
  });

  test("that a queue refuses are sent later, after a restart too", async () => {
    const clock = new ManualClock();
    let tried = 0;
    const refusing = {
      sendMessage: async () => {
        tried++;
        throw new Error("no such queue");
      },
    };
    const before = await start({ bucket: notifying, clock, queues: refusing });
    await put(before, "sources/k");
    await expect.poll(() => tried).toBe(1);
    await expect.poll(() => before.logged.join()).toContain("tried again");
    clock.advance(1_000);
    await expect.poll(() => tried).toBe(2);

    const after = await restart(before, { clock });
    clock.advance(60_000);
    await expect.poll(() => after.sent.length).toBe(1);
  });

  test("for a queue that stays away a day are dropped, and that is said", async () => {
    const clock = new ManualClock();
    const gone = { sendMessage: () => Promise.reject(new Error("gone")) };
    const s3 = await start({ bucket: notifying, clock, queues: gone });
    await put(s3, "sources/k");
    await expect.poll(() => s3.logged.join()).toContain("tried again");
    clock.advance(25 * 3_600_000);
    await expect.poll(() => s3.logged.join()).toContain("dropped");
    expect(s3.context.database.prepare("SELECT count(*) AS n FROM s3_outbox").get()?.n).toBe(0);
  });
});

describe("a full disk", () => {
  test("is a 503 that says so, leaves nothing, and is over when there is room", async () => {
    let full = true;
    const s3 = await start({
      openFile: async (file) => {
        const handle = await open(file, "wx");
        return {
          writev: (buffers) =>
            full
              ? Promise.reject(Object.assign(new Error("no space left"), { code: "ENOSPC" }))
              : handle.writev(buffers),
          close: () => handle.close(),
        };
      },
    });
    for (const size of [10, 4_000_000]) {
      const error = await put(s3, "k", Buffer.alloc(size)).catch((reason: unknown) => reason);
      expect(error).toMatchObject({
        name: "ServiceUnavailable",
        message: expect.stringContaining("full"),
        $metadata: { httpStatusCode: 503 },
      });
    }
    expect(blobs(s3)).toBe(0);
    full = false;
    await put(s3, "k", Buffer.alloc(4_000_000));
    expect(blobs(s3)).toBe(1);
  });

  test("that takes half a batch loses none of the other half", async () => {
    const s3 = await start({
      openFile: async (file) => {
        const handle = await open(file, "wx");
        return {
          writev: ([first = Buffer.alloc(0)]) =>
            handle.writev([
              new Uint8Array(first.buffer, first.byteOffset, Math.ceil(first.byteLength / 2)),
            ]),
          close: () => handle.close(),
        };
      },
    });
    const body = Buffer.from(Array.from({ length: 300_000 }, (_, n) => n % 251));
    await put(s3, "k", body);
    const { Body } = await s3.client.send(new GetObjectCommand({ Bucket, Key: "k" }));
    expect(Buffer.from((await Body?.transformToByteArray()) ?? []).equals(body)).toBe(true);
  });
});

describe("lifecycle", () => {
  const dayMs = 24 * 3_600_000;

  test("a day begins at the next midnight", () => {
    const midnight = Date.UTC(2026, 0, 10);
    expect(dueSince(midnight, 1)).toBe(Date.UTC(2026, 0, 9));
    expect(dueSince(midnight - 1, 1)).toBe(Date.UTC(2026, 0, 8));
  });

  test.each([
    ["just after midnight", 1],
    ["at noon", dayMs / 2],
    ["just before midnight", dayMs - 1],
  ])(
    "aborts stale uploads and expires objects of its prefix (begun %s)",
    async (_when, intoDay) => {
      const midnight = Date.UTC(2026, 0, 10);
      const clock = new ManualClock(midnight + intoDay);
      const s3 = await start({
        clock,
        bucket: {
          LifecycleConfiguration: {
            Rules: [
              { Status: "Enabled", AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 } },
              { Status: "Enabled", Prefix: "old/", ExpirationInDays: 2 },
              { Status: "Disabled", ExpirationInDays: 1 },
            ],
          },
        },
      });
      await put(s3, "old/k");
      await put(s3, "kept/k");
      const { UploadId } = await s3.client.send(
        new CreateMultipartUploadCommand({ Bucket, Key: "m" }),
      );
      await s3.client.send(
        new UploadPartCommand({ Bucket, Key: "m", UploadId, PartNumber: 1, Body: "x" }),
      );
      const standing = async () => {
        const { Contents } = await s3.client.send(new ListObjectsV2Command({ Bucket }));
        const { Uploads } = await s3.client.send(new ListMultipartUploadsCommand({ Bucket }));
        return [...(Contents ?? []), ...(Uploads ?? [])].map(({ Key }) => Key);
      };
      const advanceTo = (time: number) => clock.advance(time - clock.now());
      const anHour = 3_600_000;

      advanceTo(midnight + 2 * dayMs - 1);
      expect(await standing()).toEqual(["kept/k", "old/k", "m"]);
      advanceTo(midnight + 2 * dayMs + anHour);
      expect(await standing()).toEqual(["kept/k", "old/k"]);
      advanceTo(midnight + 3 * dayMs - 1);
      expect(await standing()).toEqual(["kept/k", "old/k"]);
      advanceTo(midnight + 3 * dayMs + anHour);
      expect(await standing()).toEqual(["kept/k"]);
      await expect.poll(() => blobs(s3)).toBe(1);
    },
  );
});
