import { randomBytes } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { pythonClients } from "./run-client.ts";
import { openStockCloud, type StockCloud } from "./stock-cloud.ts";

describe.skipIf(!pythonClients)("the AWS CLI", { timeout: 120_000 }, () => {
  let cloud: StockCloud;
  beforeAll(async () => {
    cloud = await openStockCloud();
  });
  afterAll(() => cloud?.close());

  const aws = (...args: string[]) => cloud.run(path.join(pythonClients ?? "", "aws"), args);
  const json = async (...args: string[]) => JSON.parse(await aws(...args));
  const file = (name: string) => path.join(cloud.directory, name);

  test("copies a large file up in parts, within the bucket, and down again", async () => {
    const bytes = randomBytes(20 * 1024 * 1024);
    writeFileSync(file("film.bin"), bytes);

    await aws("s3", "cp", "film.bin", "s3://films/a/film.bin", "--no-progress");
    await aws("s3", "cp", "s3://films/a/film.bin", "s3://films/b/film.bin", "--no-progress");
    await aws("s3", "cp", "s3://films/b/film.bin", "back.bin", "--no-progress");
    const head = await json(
      ...["s3api", "head-object", "--bucket", "films", "--key", "a/film.bin"],
      ...["--checksum-mode", "ENABLED"],
    );
    const listed = await aws("s3", "ls", "s3://films/");

    expect(readFileSync(file("back.bin")).equals(bytes)).toBe(true);
    expect(head.ETag).toMatch(/-3"$/);
    expect(head.ChecksumType).toBe("COMPOSITE");
    expect(listed.split("\n").map((line) => line.trim())).toEqual(["PRE a/", "PRE b/", ""]);
  });

  test("lists the parts of an upload and completes it", async () => {
    writeFileSync(file("part"), "one part");
    const object = ["--bucket", "films", "--key", "parted"];
    const { UploadId } = await json("s3api", "create-multipart-upload", ...object);
    const upload = [...object, "--upload-id", UploadId];
    await aws("s3api", "upload-part", ...upload, "--part-number", "1", "--body", "part");

    const { Parts } = await json("s3api", "list-parts", ...upload);
    const whole = JSON.stringify({ Parts: [{ PartNumber: 1, ETag: Parts[0].ETag }] });
    await aws("s3api", "complete-multipart-upload", ...upload, "--multipart-upload", whole);

    expect(Parts).toMatchObject([{ PartNumber: 1, Size: 8 }]);
    expect(await aws("s3", "cp", "s3://films/parted", "-")).toBe("one part");
  });

  test("makes a link that gives a range to anybody", async () => {
    // Version 1 of the CLI signs links by Signature Version 2 unless told; AWS takes that for old buckets only.
    await aws("configure", "set", "default.s3.signature_version", "s3v4");
    writeFileSync(file("linked"), "0123456789");
    await aws("s3", "cp", "linked", "s3://films/linked", "--no-progress");

    const link = (await aws("s3", "presign", "s3://films/linked", "--expires-in", "60")).trim();
    const answer = await fetch(link, { headers: { range: "bytes=2-4" } });

    expect([answer.status, answer.headers.get("content-range"), await answer.text()]).toEqual([
      206,
      "bytes 2-4/10",
      "234",
    ]);
  });

  test("sends and receives messages", async () => {
    const queue = ["--endpoint-url", cloud.endpoint, "--queue-url", cloud.outputs.QueueUrl ?? ""];
    const kind = JSON.stringify({ kind: { DataType: "String", StringValue: "plan" } });
    await json(
      ...["sqs", "send-message", ...queue, "--message-body", "grüße"],
      ...["--message-attributes", kind],
    );

    const { Messages } = await json(
      ...["sqs", "receive-message", ...queue, "--message-attribute-names", "All"],
    );
    await aws("sqs", "delete-message", ...queue, "--receipt-handle", Messages[0].ReceiptHandle);

    expect(Messages).toMatchObject([
      { Body: "grüße", MessageAttributes: { kind: { StringValue: "plan" } } },
    ]);
  });

  test("invokes a function, and sees that it failed", async () => {
    const invoke = (payload: string) =>
      json("lambda", "invoke", "--function-name", "echo", "--payload", payload, "answer.json");

    const good = await invoke('{"n":1}');
    const answer = readFileSync(file("answer.json"), "utf8");
    const bad = await invoke('{"fail":true}');

    expect(good.StatusCode).toBe(200);
    expect(JSON.parse(answer)).toEqual({ got: { n: 1 } });
    expect(bad.FunctionError).toBe("Unhandled");
  });

  test("selects by the Data API, and commits and rolls back", async () => {
    const { ClusterArn = "", SecretArn = "" } = cloud.outputs;
    const cluster = ["--resource-arn", ClusterArn, "--secret-arn", SecretArn];
    const execute = (sql: string, ...more: string[]) =>
      json(
        ...["rds-data", "execute-statement", ...cluster, "--database", "app", "--sql", sql],
        ...more,
      );
    const begin = async () => {
      const { transactionId } = await json(
        ...["rds-data", "begin-transaction", ...cluster, "--database", "app"],
      );
      return ["--transaction-id", transactionId];
    };
    const end = (how: string, transaction: readonly string[]) =>
      aws("rds-data", `${how}-transaction`, ...cluster, ...transaction);

    const kept = await begin();
    await execute("create table cli (n int)", ...kept);
    await execute(
      "insert into cli values (:n)",
      ...["--parameters", '[{"name":"n","value":{"longValue":7}}]', ...kept],
    );
    await end("commit", kept);
    const dropped = await begin();
    await execute("insert into cli values (8)", ...dropped);
    await end("rollback", dropped);

    const { records } = await execute("select n from cli");
    expect(records).toEqual([[{ longValue: 7 }]]);
  });
});
