import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { describeInert, openPlatformLog } from "./platform-log.ts";

test("what is inert is named once by type, with the number of properties", () => {
  const sentence = describeInert([
    { stackName: "S", logicalId: "A", type: "AWS::Logs::LogGroup" },
    { stackName: "S", logicalId: "B", type: "AWS::Logs::LogGroup" },
    { stackName: "S", logicalId: "C", type: "AWS::S3::Bucket", properties: ["BucketEncryption"] },
  ]);

  expect(sentence).toContain("AWS::Logs::LogGroup; and 1 properties");
  expect(describeInert([])).toBeUndefined();
});

test("a line of the log is JSON with time, level, message and fields", async () => {
  const directory = await mkdtemp(join(tmpdir(), "sluice-log-"));
  openPlatformLog(directory)("warn", "the origin is away", { status: 502 });

  const line = JSON.parse(await readFile(join(directory, "logs", "sluice.log"), "utf8"));
  await rm(directory, { recursive: true });

  expect(line).toMatchObject({ level: 40, msg: "the origin is away", status: 502 });
  expect(Date.parse(line.time)).not.toBeNaN();
});
