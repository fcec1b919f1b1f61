import { S3Client } from "@aws-sdk/client-s3";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createS3Client } from "../../platform/s3.ts";
import { s3SourceStorage } from "./s3-source-storage.ts";

const part = {
  videoId: "video",
  storageId: "storage",
  partNumber: 7,
  length: 1234,
  expiresInSeconds: 3600,
};

describe("a link for a part", () => {
  beforeEach(() => {
    vi.stubEnv("AWS_REGION", "us-east-1");
    vi.stubEnv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE");
    vi.stubEnv("AWS_SECRET_ACCESS_KEY", "secret");
  });
  afterEach(() => vi.unstubAllEnvs());

  const linkOf = async (endpoint?: string) =>
    new URL(
      await s3SourceStorage(new S3Client(), createS3Client(endpoint), "bucket").signPart(part),
    );

  it("binds key, upload, number, length and time, and no checksum of a body it has not seen", async () => {
    const { pathname, searchParams } = await linkOf();
    expect(pathname).toBe("/sources/video");
    expect(searchParams.get("uploadId")).toBe("storage");
    expect(searchParams.get("partNumber")).toBe("7");
    expect(searchParams.get("X-Amz-SignedHeaders")).toBe("content-length;host");
    expect(searchParams.get("X-Amz-Expires")).toBe("3600");
    expect([...searchParams.keys()].join()).not.toMatch(/checksum/i);
  });

  it("leads to the public endpoint, bucket in the path", async () => {
    const link = await linkOf("https://s3.example.com");
    expect(link.origin).toBe("https://s3.example.com");
    expect(link.pathname).toBe("/bucket/sources/video");
  });
});
