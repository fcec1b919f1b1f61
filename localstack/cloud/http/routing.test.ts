import { describe, expect, test } from "vitest";
import { parseHost } from "./address.ts";
import { routeRequest } from "./routing.ts";

const facts = {
  host: "127.0.0.1:4566",
  target: "/",
  authorization: undefined,
  amzTarget: undefined,
};
const scope = (service: string) =>
  `AWS4-HMAC-SHA256 Credential=AKID/20260101/us-east-1/${service}/aws4_request, SignedHeaders=host, Signature=00`;

describe("a request reaches its service", () => {
  test.each([
    [
      "virtual-hosted bucket",
      { host: "media.s3.us-east-1.amazonaws.com", target: "/Execute" },
      "s3",
    ],
    ["bucket without region", { host: "a.b.s3.amazonaws.com" }, "s3"],
    ["API by Host", { host: "abc123.execute-api.us-east-1.amazonaws.com" }, "execute-api"],
    ["API by path", { target: "/restapis/abc/api/_user_request_/videos" }, "execute-api"],
    [
      "API by path though signed for another",
      { target: "/_aws/x", authorization: scope("sqs") },
      "execute-api",
    ],
    ["Lambda by path", { target: "/2015-03-31/functions/f/invocations" }, "lambda"],
    ["scope of the header", { authorization: scope("secretsmanager") }, "secretsmanager"],
    [
      "scope of the query",
      { target: "/b/k?X-Amz-Credential=A%2F20260101%2Fus-east-1%2Fs3%2Faws4_request" },
      "s3",
    ],
    ["X-Amz-Target", { amzTarget: "AmazonSQS.SendMessage" }, "sqs"],
    [
      "asymmetric scope, which has no region",
      {
        authorization:
          "AWS4-ECDSA-P256-SHA256 Credential=AKID/20260101/cloudfront-keyvaluestore/aws4_request, SignedHeaders=host, Signature=00",
      },
      "cloudfront-keyvaluestore",
    ],
    [
      "key value store by path",
      { target: "/key-value-stores/arn%3Aaws%3Acloudfront%3A%3A1%3Akey-value-store%2F1/keys" },
      "cloudfront-keyvaluestore",
    ],
    ["Data API path", { target: "/BeginTransaction" }, "rds-data"],
    ["a bearer token is no scope", { target: "/bucket/key", authorization: "Bearer a/b/c" }, "s3"],
    ["anything else", { target: "/bucket/key" }, "s3"],
  ])("%s", (_title, given, service) => {
    expect(routeRequest({ ...facts, ...given })).toBe(service);
  });
});

test("a Host header names a bucket, an API or the endpoint itself", () => {
  expect(parseHost("Media.S3.us-east-1.amazonaws.com:443")).toEqual({
    kind: "bucket",
    bucket: "media",
  });
  expect(parseHost("media.localhost:4566")).toEqual({ kind: "bucket", bucket: "media" });
  expect(parseHost("s3.us-east-1.amazonaws.com")).toEqual({ kind: "endpoint" });
  expect(parseHost("localhost")).toEqual({ kind: "endpoint" });
  expect(parseHost(undefined)).toEqual({ kind: "endpoint" });
});
