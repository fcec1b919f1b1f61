import { readFile } from "node:fs/promises";
import {
  type FunctionConfiguration,
  InvokeCommand,
  LambdaClient,
  ListFunctionsCommand,
} from "@aws-sdk/client-lambda";
import { ExecuteStatementCommand, RDSDataClient } from "@aws-sdk/client-rds-data";
import { ListBucketsCommand, ListMultipartUploadsCommand } from "@aws-sdk/client-s3";
import { dispatches } from "@sluice/contracts";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { makeClip } from "./support/media.ts";
import { openTestPlatform, type TestPlatform } from "./support/platform.ts";

let platform: TestPlatform;
let lambda: LambdaClient;
let database: RDSDataClient;
let sweeper: FunctionConfiguration;
let clip: Buffer;

beforeAll(async () => {
  platform = await openTestPlatform();
  const { addresses, directory } = platform;
  const client = () => ({
    endpoint: addresses.endpoint,
    region: addresses.credentials.region,
    credentials: { ...addresses.credentials },
    // The sweeper runs once at a time: its own schedule may be quicker.
    maxAttempts: 8,
  });
  lambda = new LambdaClient(client());
  database = new RDSDataClient(client());
  const { Functions = [] } = await lambda.send(new ListFunctionsCommand({}));
  sweeper = Functions.find(({ FunctionName = "" }) => FunctionName.includes("Sweep")) ?? {};
  clip = await readFile(await makeClip(directory, "clip.mp4", { seconds: 4 }));
});
afterAll(async () => {
  lambda?.destroy();
  database?.destroy();
  await platform?.[Symbol.asyncDispose]();
});

async function sql(statement: string): Promise<void> {
  const { DATABASE_CLUSTER_ARN, DATABASE_SECRET_ARN, DATABASE_NAME } =
    sweeper.Environment?.Variables ?? {};
  await database.send(
    new ExecuteStatementCommand({
      resourceArn: DATABASE_CLUSTER_ARN,
      secretArn: DATABASE_SECRET_ARN,
      database: DATABASE_NAME,
      sql: statement,
    }),
  );
}

/** As if the video had been in this status since yesterday, and every message of it had been lost. */
async function abandon(videoId: string, status: string): Promise<void> {
  await sql(`UPDATE videos SET status = '${status}' WHERE video_id = '${videoId}'`);
  await sql(
    `UPDATE videos SET status_since = now() - interval '1 day' WHERE video_id = '${videoId}'`,
  );
}

async function sweep(): Promise<void> {
  const answer = await lambda.send(new InvokeCommand({ FunctionName: sweeper.FunctionName }));
  expect(answer.FunctionError, Buffer.from(answer.Payload ?? []).toString()).toBeUndefined();
}

describe.each(dispatches)("a video by %s that everybody has forgotten", (dispatch) => {
  let videoId: string;
  let whole: Record<string, string>;

  beforeAll(async () => {
    videoId = await platform.api.upload("clip.mp4", clip, { dispatch });
    await platform.api.settled(videoId);
    whole = await platform.made(videoId);
  });

  test.each([
    [
      "its tasks were lost",
      "transcoding",
      "UPDATE tasks SET finished_at = NULL, seen_at = NULL, dispatched_at = now() - interval '1 day'",
    ],
    ["its last step was", "packaging", undefined],
    ["its plan was, with the event of S3", "planning", "DELETE FROM segments"],
  ])("is made after all, the same to the last byte, when %s", async (_what, status, damage) => {
    // Prepare
    if (damage) await sql(`${damage} WHERE video_id = '${videoId}'`);
    if (status === "planning")
      for (const table of ["init_segments", "tasks", "plans"])
        await sql(`DELETE FROM ${table} WHERE video_id = '${videoId}'`);
    await abandon(videoId, status);

    // Act
    await sweep();

    // Assess
    expect(await platform.api.settled(videoId)).toMatchObject({ status: "ready", dispatch });
    expect(await platform.made(videoId)).toEqual(whole);
  });

  test("is gone for good when its deletion was cut off", async () => {
    await abandon(videoId, "deleting");
    await sweep();
    await vi.waitFor(async () => expect(await platform.made(videoId)).toEqual({}), {
      timeout: 30_000,
      interval: 200,
    });
  });
});

test("an upload that nobody went on with is ended, with its parts", async () => {
  // Prepare
  const { api, s3 } = platform;
  const { uploadId, videoId } = await api.create("clip.mp4", clip.length);
  await sql(
    `UPDATE uploads SET active_at = now() - interval '8 days' WHERE upload_id = '${uploadId}'`,
  );

  // Act
  await sweep();

  // Assess
  expect((await api.call("GET", `/videos/${videoId}`)).status).toBe(404);
  const signed = await api.call("POST", `/uploads/${uploadId}/parts/sign`, { partNumbers: [1] });
  expect(signed.body.code).toBe("upload-aborted");
  const { Buckets = [] } = await s3.send(new ListBucketsCommand({}));
  for (const { Name: Bucket } of Buckets) {
    const { Uploads = [] } = await s3.send(new ListMultipartUploadsCommand({ Bucket }));
    expect(Uploads.filter(({ Key }) => Key?.includes(videoId))).toEqual([]);
  }
});
