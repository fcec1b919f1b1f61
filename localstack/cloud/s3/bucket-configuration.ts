import { z } from "zod";

/** What a bucket was told to do, in S3's own words where it has some. */
export const bucketConfiguration = z.strictObject({
  cors: z.array(
    z.strictObject({
      allowedOrigins: z.array(z.string()),
      allowedMethods: z.array(z.enum(["GET", "PUT", "HEAD", "POST", "DELETE"])),
      allowedHeaders: z.array(z.string()),
      exposedHeaders: z.array(z.string()),
      maxAgeSeconds: z.number().int().nonnegative().optional(),
    }),
  ),
  lifecycle: z.array(
    z.strictObject({
      id: z.string(),
      prefix: z.string(),
      abortUploadsAfterDays: z.number().int().positive().optional(),
      expireAfterDays: z.number().int().positive().optional(),
    }),
  ),
  notifications: z.array(
    z.strictObject({
      id: z.string(),
      queueArn: z.string(),
      /** For example `s3:ObjectCreated:*`. */
      events: z.array(z.string()),
      prefix: z.string(),
      suffix: z.string(),
    }),
  ),
});

export type BucketConfiguration = z.infer<typeof bucketConfiguration>;
export type CorsRule = BucketConfiguration["cors"][number];
export type NotificationRule = BucketConfiguration["notifications"][number];

export const emptyConfiguration: BucketConfiguration = {
  cors: [],
  lifecycle: [],
  notifications: [],
};
