import { openS3 } from "@sluice/cloud/s3/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { describeSourceStorage } from "../testing/source-storage-contract.ts";
import { s3SourceStorage } from "./s3-source-storage.ts";

let s3: Awaited<ReturnType<typeof openS3>>;
beforeAll(async () => {
  s3 = await openS3();
});
afterAll(() => s3.close());

const storage = () => s3SourceStorage(s3.client, s3.linkClient, "media");
const signed = (videoId: string, storageId: string, partNumber: number, length: number) =>
  storage().signPart({ videoId, storageId, partNumber, length, expiresInSeconds: 60 });

describeSourceStorage("S3", () => ({
  storage: storage(),
  async putPart({ videoId, storageId }, partNumber, bytes) {
    const link = await signed(videoId, storageId, partNumber, bytes.length);
    const answer = await fetch(link, { method: "PUT", body: bytes });
    if (!answer.ok) throw new Error(await answer.text());
  },
}));

describe("a link for a part", () => {
  it.each([
    ["longer", "four+"],
    ["shorter", "fou"],
  ])("refuses a body that is %s than agreed", async (_, body) => {
    const storageId = await storage().open("video", undefined);
    const link = await signed("video", storageId, 1, 4);
    expect((await fetch(link, { method: "PUT", body })).status).toBe(403);
    expect((await fetch(link, { method: "PUT", body: "four" })).status).toBe(200);
  });

  it("refuses another part's number", async () => {
    const storageId = await storage().open("video", undefined);
    const link = await signed("video", storageId, 1, 4);
    const other = link.replace("partNumber=1", "partNumber=2");
    expect((await fetch(other, { method: "PUT", body: "four" })).status).toBe(403);
  });
});
