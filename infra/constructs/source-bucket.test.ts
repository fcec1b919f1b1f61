import { expect, it } from "vitest";
import { apps } from "../testing/synthesized.ts";
import { at, listOf } from "../testing/templates.ts";

const { templates } = apps.aws;
const source = templates.all("AWS::S3::Bucket").find(({ id }) => id.startsWith("SourceBucket"));

it("tells the ingest queue, and no other, of every finished upload", () => {
  // Act
  const told = listOf(at(source?.properties.NotificationConfiguration, "QueueConfigurations"));

  // Assess
  expect(told).toHaveLength(1);
  expect(at(told[0], "Event")).toBe("s3:ObjectCreated:*");
  expect(at(told[0], "Filter", "S3Key", "Rules")).toEqual([{ Name: "prefix", Value: "sources/" }]);
  expect(templates.follow("Sluice-Storage", at(told[0], "Queue"))?.id).toMatch(/^IngestQueue/);
});

it("may send to that queue, which other accounts' buckets may not", () => {
  // Act
  const sender = templates
    .all("AWS::SQS::QueuePolicy")
    .filter(({ id }) => id.startsWith("IngestQueue"))
    .flatMap(({ properties }) => listOf(at(properties.PolicyDocument, "Statement")))
    .filter((statement) => at(statement, "Effect") === "Allow");

  // Assess
  expect(sender).toHaveLength(1);
  expect(at(sender[0], "Principal")).toEqual({ Service: "s3.amazonaws.com" });
  expect(at(sender[0], "Condition", "StringEquals", "aws:SourceAccount")).toEqual({
    Ref: "AWS::AccountId",
  });
  expect(JSON.stringify(at(sender[0], "Condition", "ArnLike"))).toContain(":s3:::sluice-storage-*");
});

it("takes parts from any page, shows it their checksums, and forgets uploads given up", () => {
  // Act
  const cors = at(source?.properties.CorsConfiguration, "CorsRules", 0);
  const rule = at(source?.properties.LifecycleConfiguration, "Rules", 0);

  // Assess
  expect(at(cors, "AllowedMethods")).toEqual(["PUT"]);
  expect(at(cors, "ExposedHeaders")).toEqual(
    expect.arrayContaining(["ETag", "x-amz-checksum-crc32"]),
  );
  expect(at(rule, "AbortIncompleteMultipartUpload", "DaysAfterInitiation")).toBe(7);
});
