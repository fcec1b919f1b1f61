import { randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, statSync, utimesSync, writeFileSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openS3, type S3Fixture } from "../s3/s3-fixture.ts";
import { clientRunner, rclone } from "./run-client.ts";

describe.skipIf(!rclone)("rclone", { timeout: 120_000 }, () => {
  let s3: S3Fixture;
  let directory: string;
  let run: (...args: string[]) => Promise<string>;
  beforeAll(async () => {
    s3 = await openS3();
    directory = path.join(s3.dataDir, "client");
    mkdirSync(path.join(directory, "folder"), { recursive: true });
    const settings = {
      type: "s3",
      // With "AWS", rclone counts on TLS: it would put checksums behind the body, which its SDK does by TLS only.
      provider: "Other",
      env_auth: "true",
      region: "us-east-1",
      endpoint: s3.url,
    };
    const lines = Object.entries(settings).map(([name, value]) => `${name} = ${value}`);
    const config = path.join(directory, "rclone.conf");
    writeFileSync(config, ["[sluice]", ...lines, ""].join("\n"));
    const client = clientRunner({ ...s3.context, endpoint: s3.url, directory });
    run = (...args) => client(rclone ?? "", ["--config", config, "--retries", "1", ...args]);
  });
  afterAll(() => s3?.close());

  const inParts = ["--s3-upload-cutoff", "5Mi", "--s3-chunk-size", "5Mi"];

  test("copies a large file up and down in parts, and finds both the same", async () => {
    const bytes = randomBytes(12 * 1024 * 1024);
    writeFileSync(path.join(directory, "film.bin"), bytes);

    await run("copy", "film.bin", "sluice:media/films", ...inParts);
    await run("copyto", "sluice:media/films/film.bin", "back.bin");
    await run("check", "--include", "film.bin", ".", "sluice:media/films");

    expect(readFileSync(path.join(directory, "back.bin")).equals(bytes)).toBe(true);
  });

  test("copies within the bucket, whole and by parts, and keeps the MD5", async () => {
    await run("copyto", "sluice:media/films/film.bin", "sluice:media/copies/whole.bin");
    await run(
      ...["copyto", "sluice:media/films/film.bin", "sluice:media/copies/parts.bin"],
      ...["--s3-copy-cutoff", "5Mi"],
    );

    const sums = (await run("hashsum", "md5", "sluice:media/copies")).trim().split("\n");
    const [sum] = (await run("hashsum", "md5", "film.bin")).split(" ");

    expect(sums.map((line) => line.split(" ")[0])).toEqual([sum, sum]);
  });

  test("synchronizes a folder with its times, and finds nothing to do the second time", async () => {
    const then = new Date("2020-02-29T12:00:00.123Z");
    for (const name of ["one", "zwei ü", "c+(3)"]) {
      const file = path.join(directory, "folder", name);
      writeFileSync(file, name);
      utimesSync(file, then, then);
    }

    await run("sync", "folder", "sluice:media/synced");
    await run("sync", "folder", "sluice:media/synced", "--dry-run", "--log-file", "again.log");
    await run("sync", "sluice:media/synced", "returned");

    const again = readFileSync(path.join(directory, "again.log"), "utf8");
    expect(again).not.toContain("Skipped copy");
    for (const name of ["one", "zwei ü", "c+(3)"]) {
      expect(readFileSync(path.join(directory, "returned", name), "utf8")).toBe(name);
      expect(statSync(path.join(directory, "returned", name)).mtime).toEqual(then);
    }
  });

  test("takes a stream, moves, deletes, and makes a link that gives a range", async () => {
    const client = clientRunner({ ...s3.context, endpoint: s3.url, directory });
    const config = ["--config", path.join(directory, "rclone.conf")];
    await client(rclone ?? "", [...config, "rcat", "sluice:media/streamed"], "0123456789");
    await run("moveto", "sluice:media/streamed", "sluice:media/moved");

    const link = (await run("link", "sluice:media/moved", "--expire", "1m")).trim();
    const answer = await fetch(link, { headers: { range: "bytes=2-4" } });
    await run("purge", "sluice:media/synced");

    expect([answer.status, await answer.text()]).toEqual([206, "234"]);
    expect(await run("lsf", "sluice:media")).toBe("copies/\nfilms/\nmoved\n");
  });
});
