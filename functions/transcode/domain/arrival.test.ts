import { describe, expect, it } from "vitest";
import { arrivalSchema, videosOf } from "./arrival.ts";

const videoId = "0b5f5f0e-3b3a-4c57-9d0e-1f2a3b4c5d6e";
const event = (key: string, eventName = "ObjectCreated:CompleteMultipartUpload") => ({
  Records: [
    {
      eventVersion: "2.1",
      eventSource: "aws:s3",
      eventName,
      s3: { s3SchemaVersion: "1.0", object: { key, size: 1, eTag: "e", sequencer: "1" } },
    },
  ],
});

describe("an event of S3", () => {
  it("names the video of a source, whose key is URL encoded", () => {
    expect(videosOf(arrivalSchema.parse(event(`sources%2F${videoId}`)))).toEqual([videoId]);
  });

  it("is as good as a message that asks for the plan", () => {
    const message = { version: 1, videoId, correlationId: "correlation" };
    expect(videosOf(arrivalSchema.parse(message))).toEqual([videoId]);
  });

  it("is nothing when S3 only tests the queue", () => {
    const test = { Service: "Amazon S3", Event: "s3:TestEvent", Bucket: "b" };
    expect(videosOf(arrivalSchema.parse(test))).toEqual([]);
  });

  it("is refused for other keys and other events", () => {
    expect(() => videosOf(arrivalSchema.parse(event("sources/../x")))).toThrow(/no source/);
    expect(
      arrivalSchema.safeParse(event(`sources/${videoId}`, "ObjectRemoved:Delete")).success,
    ).toBe(false);
  });
});
