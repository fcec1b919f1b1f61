import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { pythonClients } from "./run-client.ts";
import { openStockCloud, type StockCloud } from "./stock-cloud.ts";

describe.skipIf(!pythonClients)("boto3", { timeout: 120_000 }, () => {
  let cloud: StockCloud;
  beforeAll(async () => {
    cloud = await openStockCloud();
  });
  afterAll(() => cloud?.close());

  /** What a part of `boto3_session.py` found. */
  const session = async (part: string) => {
    const script = path.join(import.meta.dirname, "boto3_session.py");
    const python = path.join(pythonClients ?? "", "python");
    return JSON.parse(await cloud.run(python, [script, part], JSON.stringify(cloud.outputs)));
  };

  test("moves objects up, down and across, in parts, lists and links them", async () => {
    expect(await session("s3")).toEqual({
      same: true,
      copied: true,
      parts: [1, 2],
      by_version_1: 25,
      by_version_2: 25,
      folded: ["many/0/", "many/1/", "many/2/", "many/3/", "many/4/"],
      link: [206, "bytes 1-3/10", "123"],
      left: 0,
    });
  });

  test("sends and receives messages, whose digests it checks", async () => {
    expect(await session("sqs")).toEqual({ bodies: ["m0", "m1", "m2"], deleted: 3, left: 0 });
  });

  test("invokes functions, and selects by the Data API", async () => {
    expect(await session("compute")).toEqual({
      answer: { got: { n: 1 } },
      error: "Unhandled",
      rows: [[1, "a"]],
    });
  });
});
