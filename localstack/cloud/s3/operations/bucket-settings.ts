import { AwsError } from "../../aws-error.ts";
import type { S3Environment } from "../environment.ts";
import type { S3Request } from "../request.ts";
import { answerXml } from "../xml.ts";

export async function getBucketLocation(env: S3Environment, request: S3Request): Promise<void> {
  env.buckets.get(request.bucket);
  // An empty constraint stands for us-east-1.
  const region = env.context.region === "us-east-1" ? "" : env.context.region;
  const body = `<?xml version="1.0" encoding="UTF-8"?>\n<LocationConstraint xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${region}</LocationConstraint>`;
  request.exchange.response.setHeader("content-type", "application/xml");
  request.exchange.response.end(body);
}

export async function getBucketVersioning(env: S3Environment, request: S3Request): Promise<void> {
  env.buckets.get(request.bucket);
  answerXml(request.exchange.response, "VersioningConfiguration", {});
}

export async function getBucketPolicy(env: S3Environment, request: S3Request): Promise<void> {
  const { policy } = env.buckets.get(request.bucket);
  if (policy === undefined) {
    throw new AwsError("NoSuchBucketPolicy", "The bucket policy does not exist", 404, {
      BucketName: request.bucket,
    });
  }
  request.exchange.response.setHeader("content-type", "application/json");
  request.exchange.response.end(policy);
}

export async function getBucketCors(env: S3Environment, request: S3Request): Promise<void> {
  const { cors } = env.buckets.get(request.bucket).configuration;
  if (cors.length === 0) {
    throw new AwsError("NoSuchCORSConfiguration", "The CORS configuration does not exist", 404, {
      BucketName: request.bucket,
    });
  }
  answerXml(request.exchange.response, "CORSConfiguration", {
    CORSRule: cors.map((rule) => ({
      AllowedOrigin: rule.allowedOrigins,
      AllowedMethod: rule.allowedMethods,
      AllowedHeader: rule.allowedHeaders,
      ExposeHeader: rule.exposedHeaders,
      MaxAgeSeconds: rule.maxAgeSeconds,
    })),
  });
}

export async function getBucketNotification(env: S3Environment, request: S3Request): Promise<void> {
  const { notifications } = env.buckets.get(request.bucket).configuration;
  answerXml(request.exchange.response, "NotificationConfiguration", {
    QueueConfiguration: notifications.map((rule) => ({
      Id: rule.id,
      Queue: rule.queueArn,
      Event: rule.events,
      Filter:
        rule.prefix === "" && rule.suffix === ""
          ? undefined
          : {
              S3Key: {
                FilterRule: [
                  { Name: "Prefix", Value: rule.prefix },
                  { Name: "Suffix", Value: rule.suffix },
                ].filter(({ Value }) => Value !== ""),
              },
            },
    })),
  });
}

export async function getBucketLifecycle(env: S3Environment, request: S3Request): Promise<void> {
  const { lifecycle } = env.buckets.get(request.bucket).configuration;
  if (lifecycle.length === 0) {
    throw new AwsError(
      "NoSuchLifecycleConfiguration",
      "The lifecycle configuration does not exist",
      404,
      { BucketName: request.bucket },
    );
  }
  answerXml(request.exchange.response, "LifecycleConfiguration", {
    Rule: lifecycle.map((rule) => ({
      ID: rule.id,
      Filter: { Prefix: rule.prefix },
      Status: "Enabled",
      Expiration: rule.expireAfterDays === undefined ? undefined : { Days: rule.expireAfterDays },
      AbortIncompleteMultipartUpload:
        rule.abortUploadsAfterDays === undefined
          ? undefined
          : { DaysAfterInitiation: rule.abortUploadsAfterDays },
    })),
  });
}
