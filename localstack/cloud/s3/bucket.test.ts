import {
  GetBucketAclCommand,
  GetBucketCorsCommand,
  GetBucketEncryptionCommand,
  GetBucketLifecycleConfigurationCommand,
  GetBucketNotificationConfigurationCommand,
  GetBucketOwnershipControlsCommand,
  GetBucketPolicyCommand,
  GetBucketRequestPaymentCommand,
  GetBucketTaggingCommand,
  GetBucketWebsiteCommand,
  GetObjectTaggingCommand,
  GetPublicAccessBlockCommand,
  type Grant,
  type Grantee,
  PutObjectAclCommand,
  PutObjectCommand,
} from "@aws-sdk/client-s3";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openS3, type S3Fixture } from "./s3-fixture.ts";

let s3: S3Fixture;
beforeAll(async () => {
  s3 = await openS3({
    bucket: {
      CorsConfiguration: {
        CorsRules: [
          {
            AllowedOrigins: ["https://*.example.com", "http://127.0.0.1:5173"],
            AllowedMethods: ["GET", "PUT"],
            AllowedHeaders: ["content-type", "x-amz-*"],
            ExposedHeaders: ["ETag"],
            MaxAge: 600,
          },
        ],
      },
      NotificationConfiguration: {
        QueueConfigurations: [
          {
            Event: "s3:ObjectCreated:*",
            Queue: "arn:aws:sqs:us-east-1:000000000000:ingest",
            Filter: { S3Key: { Rules: [{ Name: "prefix", Value: "sources/" }] } },
          },
        ],
      },
    },
  });
  await s3.put("AWS::S3::Bucket", { BucketName: "closed" });
});
afterAll(() => s3.close());

describe("CORS", () => {
  const origin = "https://app.example.com";
  const preflight = (headers: Record<string, string>, bucket = "media") =>
    fetch(`${s3.url}/${bucket}/k?X-Amz-Signature=00&X-Amz-Algorithm=AWS4-HMAC-SHA256`, {
      method: "OPTIONS",
      headers,
    });

  test("a preflight of an allowed request is let through, unsigned", async () => {
    const answer = await preflight({
      origin,
      "access-control-request-method": "PUT",
      "access-control-request-headers": "Content-Type, x-amz-checksum-crc32",
    });
    expect(answer.status).toBe(200);
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      "access-control-allow-origin": origin,
      "access-control-allow-methods": "GET, PUT",
      "access-control-allow-headers": "content-type, x-amz-checksum-crc32",
      "access-control-expose-headers": "ETag",
      "access-control-max-age": "600",
      vary: expect.stringContaining("Origin"),
    });
  });

  test.each([
    [
      "another origin",
      { origin: "https://example.org", "access-control-request-method": "PUT" },
      "media",
    ],
    ["another method", { origin, "access-control-request-method": "DELETE" }, "media"],
    [
      "another header",
      { origin, "access-control-request-method": "PUT", "access-control-request-headers": "range" },
      "media",
    ],
    ["a bucket without rules", { origin, "access-control-request-method": "GET" }, "closed"],
  ])("a preflight of %s is refused", async (_title, headers, bucket) => {
    const answer = await preflight(headers, bucket);
    expect([answer.status, answer.headers.get("access-control-allow-origin")]).toEqual([403, null]);
  });

  test("a page can read answers and refusals, and the ETag", async () => {
    const url = await getSignedUrl(
      s3.linkClient,
      new PutObjectCommand({ Bucket: "media", Key: "k" }),
    );
    for (const [target, status] of [
      [url, 200],
      [url.replace("/k?", "/l?"), 403],
    ] as const) {
      const answer = await fetch(target, { method: "PUT", body: "x", headers: { origin } });
      expect([answer.status, answer.headers.get("access-control-allow-origin")]).toEqual([
        status,
        origin,
      ]);
      expect(answer.headers.get("access-control-expose-headers")).toBe("ETag");
    }
    const elsewhere = await fetch(url, {
      method: "PUT",
      body: "x",
      headers: { origin: "https://example.org" },
    });
    expect(elsewhere.headers.get("access-control-allow-origin")).toBeNull();
  });
});

describe("a template's bucket", () => {
  test("shows what it was told", async () => {
    const { CORSRules } = await s3.client.send(new GetBucketCorsCommand({ Bucket: "media" }));
    expect(CORSRules).toMatchObject([{ AllowedMethods: ["GET", "PUT"], MaxAgeSeconds: 600 }]);
    const { QueueConfigurations } = await s3.client.send(
      new GetBucketNotificationConfigurationCommand({ Bucket: "media" }),
    );
    expect(QueueConfigurations).toMatchObject([
      {
        Events: ["s3:ObjectCreated:*"],
        Filter: { Key: { FilterRules: [{ Name: "Prefix", Value: "sources/" }] } },
      },
    ]);
    await expect(
      s3.client.send(new GetBucketCorsCommand({ Bucket: "closed" })),
    ).rejects.toMatchObject({ name: "NoSuchCORSConfiguration" });
  });

  test("answers what clients ask before they use it as any new bucket does", async () => {
    const bucket = { Bucket: "closed" };
    const [acl, ownership, publicAccess, encryption, payer] = await Promise.all([
      s3.client.send(new GetBucketAclCommand(bucket)),
      s3.client.send(new GetBucketOwnershipControlsCommand(bucket)),
      s3.client.send(new GetPublicAccessBlockCommand(bucket)),
      s3.client.send(new GetBucketEncryptionCommand(bucket)),
      s3.client.send(new GetBucketRequestPaymentCommand(bucket)),
    ]);

    expect(acl.Grants).toEqual([
      { Grantee: { ID: "000000000000", Type: "CanonicalUser" }, Permission: "FULL_CONTROL" },
    ]);
    expect(ownership.OwnershipControls?.Rules).toEqual([
      { ObjectOwnership: "BucketOwnerEnforced" },
    ]);
    expect(publicAccess.PublicAccessBlockConfiguration?.BlockPublicAcls).toBe(true);
    expect(encryption.ServerSideEncryptionConfiguration?.Rules?.[0]).toMatchObject({
      ApplyServerSideEncryptionByDefault: { SSEAlgorithm: "AES256" },
    });
    expect(payer.Payer).toBe("BucketOwner");
    for (const [command, name] of [
      [new GetBucketLifecycleConfigurationCommand(bucket), "NoSuchLifecycleConfiguration"],
      [new GetBucketTaggingCommand(bucket), "NoSuchTagSet"],
      [new GetBucketWebsiteCommand(bucket), "NoSuchWebsiteConfiguration"],
    ] as const) {
      await expect(s3.client.send(command as GetBucketTaggingCommand)).rejects.toMatchObject({
        name,
      });
    }
  });

  test("takes no ACL but the one it has", async () => {
    const put = (ACL: "private" | "public-read") =>
      s3.client.send(new PutObjectCommand({ Bucket: "closed", Key: "k", Body: "x", ACL }));

    await put("private");
    await expect(put("public-read")).rejects.toMatchObject({
      name: "AccessControlListNotSupported",
      message: "The bucket does not allow ACLs",
    });
    const { Owner, Grants } = await s3.client.send(new GetBucketAclCommand({ Bucket: "closed" }));
    const everyone = { Type: "Group", URI: "http://acs.amazonaws.com/groups/global/AllUsers" };
    const putAcl = (more: Grant[]) =>
      s3.client.send(
        new PutObjectAclCommand({
          Bucket: "closed",
          Key: "k",
          AccessControlPolicy: { Owner, Grants: [...(Grants ?? []), ...more] },
        }),
      );
    await putAcl([]);
    await expect(
      putAcl([{ Grantee: everyone as Grantee, Permission: "READ" }]),
    ).rejects.toMatchObject({ name: "AccessControlListNotSupported" });
    const tags = await s3.client.send(new GetObjectTaggingCommand({ Bucket: "closed", Key: "k" }));
    expect(tags.TagSet).toEqual([]);
  });

  test("has the names and attributes of one on AWS, the same each time", async () => {
    const state = await s3.put("AWS::S3::Bucket", {});
    expect(state).toEqual({
      physicalId: "stack-media-1a2b3c",
      attributes: {
        Arn: "arn:aws:s3:::stack-media-1a2b3c",
        DomainName: "stack-media-1a2b3c.s3.amazonaws.com",
        RegionalDomainName: "stack-media-1a2b3c.s3.us-east-1.amazonaws.com",
        DualStackDomainName: "stack-media-1a2b3c.s3.dualstack.us-east-1.amazonaws.com",
        WebsiteURL: "http://stack-media-1a2b3c.s3-website-us-east-1.amazonaws.com",
      },
    });
    expect(await s3.put("AWS::S3::Bucket", {})).toEqual(state);
  });

  test("keeps its policy", async () => {
    const PolicyDocument = { Version: "2012-10-17", Statement: [{ Effect: "Deny" }] };
    await s3.put("AWS::S3::BucketPolicy", { Bucket: "media", PolicyDocument });
    const { Policy } = await s3.client.send(new GetBucketPolicyCommand({ Bucket: "media" }));
    expect(JSON.parse(Policy ?? "")).toEqual(PolicyDocument);
  });

  test.each([
    [{ VersioningConfiguration: { Status: "Enabled" } }],
    [{ WebsiteConfiguration: {} }],
    [{ LifecycleConfiguration: { Rules: [{ Status: "Enabled", Transitions: [] }] } }],
    [{ NotificationConfiguration: { LambdaConfigurations: [] } }],
    [{ CorsConfiguration: { CorsRules: [{ AllowedMethods: ["GET"], AllowedOrigins: ["*.*"] }] } }],
  ])("refuses what it would not honour: %j", async (properties) => {
    await expect(s3.put("AWS::S3::Bucket", properties)).rejects.toThrow();
  });
});
