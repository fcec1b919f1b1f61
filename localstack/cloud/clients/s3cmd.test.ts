import { randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openS3, type S3Fixture } from "../s3/s3-fixture.ts";
import { clientRunner, pythonClients } from "./run-client.ts";

describe.skipIf(!pythonClients)("s3cmd", { timeout: 120_000 }, () => {
  let s3: S3Fixture;
  let directory: string;
  let s3cmd: (...args: string[]) => Promise<string>;
  beforeAll(async () => {
    s3 = await openS3();
    directory = path.join(s3.dataDir, "client");
    mkdirSync(path.join(directory, "folder"), { recursive: true });
    const { host } = new URL(s3.url);
    const { accessKeyId, secretAccessKey } = s3.context.credentials;
    const settings = {
      access_key: accessKeyId,
      secret_key: secretAccessKey,
      host_base: host,
      host_bucket: host,
      use_https: "False",
    };
    const lines = Object.entries(settings).map(([name, value]) => `${name} = ${value}`);
    writeFileSync(path.join(directory, ".s3cfg"), ["[default]", ...lines, ""].join("\n"));
    const run = clientRunner({ ...s3.context, endpoint: s3.url, directory });
    s3cmd = (...args) => run(path.join(pythonClients ?? "", "s3cmd"), ["--no-progress", ...args]);
  });
  afterAll(() => s3?.close());

  test("puts a large file in parts, copies it, gets it, and knows its MD5", async () => {
    const bytes = randomBytes(20 * 1024 * 1024);
    writeFileSync(path.join(directory, "film.bin"), bytes);

    await s3cmd("put", "film.bin", "s3://media/film ü (1).bin");
    await s3cmd("cp", "s3://media/film ü (1).bin", "s3://media/copy.bin");
    await s3cmd("mv", "s3://media/copy.bin", "s3://media/moved.bin");
    await s3cmd("get", "s3://media/moved.bin", "back.bin");
    const info = await s3cmd("info", "s3://media/moved.bin");

    expect(readFileSync(path.join(directory, "back.bin")).equals(bytes)).toBe(true);
    expect(info).toMatch(/MD5 sum: +[0-9a-f]{32}\n/);
    expect(await s3cmd("ls", "s3://media/")).toContain("s3://media/film ü (1).bin");
  });

  test("synchronizes a folder, and finds nothing to do the second time", async () => {
    for (const name of ["one", "two"]) writeFileSync(path.join(directory, "folder", name), name);

    const first = await s3cmd("sync", "folder/", "s3://media/synced/");
    const second = await s3cmd("sync", "folder/", "s3://media/synced/");
    const listed = await s3cmd("ls", "-r", "s3://media/synced/");
    const size = await s3cmd("du", "s3://media/synced/");
    await s3cmd("rm", "-r", "--force", "s3://media/synced/");

    expect(first.match(/^upload:/gm)).toHaveLength(2);
    expect(second).not.toContain("upload:");
    expect(listed.match(/s3:\/\/media\/synced\/\w+$/gm)).toHaveLength(2);
    expect(size).toMatch(/^ *6 +2 objects/);
    expect(await s3cmd("ls", "-r", "s3://media/synced/")).toBe("");
  });

  test("describes a bucket, and makes and removes one", async () => {
    const info = await s3cmd("info", "s3://media");
    await s3cmd("mb", "s3://another-bucket");
    const all = await s3cmd("ls");
    await s3cmd("rb", "s3://another-bucket");

    expect(info).toContain("Ownership: BucketOwnerEnforced");
    expect(info).toContain("ACL:       000000000000: FULL_CONTROL");
    expect(all).toContain("s3://another-bucket");
  });

  test("signs links by a version that AWS no longer takes, and is told so", async () => {
    writeFileSync(path.join(directory, "small"), "x");
    await s3cmd("put", "small", "s3://media/small");

    const link = (await s3cmd("signurl", "s3://media/small", "+60")).trim();
    const answer = await fetch(link);

    expect(answer.status).toBe(400);
    expect(await answer.text()).toContain("Please use AWS4-HMAC-SHA256.");
  });
});
