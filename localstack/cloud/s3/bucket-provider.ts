import { z } from "zod";
import type { ResourceProvider } from "../resource-provider.ts";
import type { BucketConfiguration } from "./bucket-configuration.ts";
import type { S3Environment } from "./environment.ts";
import { checkBucketName, removeBucket } from "./operations/buckets.ts";

const lifecycleRule = z
  .strictObject({
    Id: z.string().optional(),
    Status: z.enum(["Enabled", "Disabled"]),
    Prefix: z.string().optional(),
    AbortIncompleteMultipartUpload: z
      .strictObject({ DaysAfterInitiation: z.number().int().positive() })
      .optional(),
    ExpirationInDays: z.number().int().positive().optional(),
  })
  .refine(
    (rule) => rule.AbortIncompleteMultipartUpload ?? rule.ExpirationInDays,
    "a rule needs AbortIncompleteMultipartUpload or ExpirationInDays",
  );

const queueConfiguration = z.strictObject({
  Event: z.string().regex(/^s3:(ObjectCreated|ObjectRemoved|LifecycleExpiration):\w*\*?$/),
  Queue: z.string().startsWith("arn:aws:sqs:"),
  Filter: z
    .strictObject({
      S3Key: z.strictObject({
        Rules: z.array(
          z.strictObject({
            Name: z
              .string()
              .transform((name) => name.toLowerCase())
              .pipe(z.enum(["prefix", "suffix"])),
            Value: z.string(),
          }),
        ),
      }),
    })
    .optional(),
});

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-s3-bucket.html */
const bucketProperties = z.strictObject({
  BucketName: z.string().optional(),
  CorsConfiguration: z
    .strictObject({
      CorsRules: z.array(
        z.strictObject({
          Id: z.string().optional(),
          AllowedHeaders: z.array(z.string()).optional(),
          AllowedMethods: z.array(z.enum(["GET", "PUT", "HEAD", "POST", "DELETE"])).min(1),
          AllowedOrigins: z
            .array(z.string().regex(/^[^*]*\*?[^*]*$/, "an origin may hold one *"))
            .min(1),
          ExposedHeaders: z.array(z.string()).optional(),
          MaxAge: z.number().int().nonnegative().optional(),
        }),
      ),
    })
    .optional(),
  LifecycleConfiguration: z.strictObject({ Rules: z.array(lifecycleRule) }).optional(),
  NotificationConfiguration: z
    .strictObject({ QueueConfigurations: z.array(queueConfiguration).optional() })
    .optional(),
  // Buckets here keep one version of each object, which is what "Suspended" means for a new bucket.
  VersioningConfiguration: z.strictObject({ Status: z.literal("Suspended") }).optional(),
});
type BucketProperties = z.infer<typeof bucketProperties>;

export function createBucketProvider(
  environment: S3Environment,
): ResourceProvider<BucketProperties> {
  const { context, buckets } = environment;
  return {
    type: "AWS::S3::Bucket",
    schema: bucketProperties,
    inert: ["BucketEncryption", "OwnershipControls", "PublicAccessBlockConfiguration", "Tags"],
    async put(properties, resource) {
      const name =
        properties.BucketName ?? resource.physicalId ?? resource.generatedName(63).toLowerCase();
      checkBucketName(name);
      buckets.put(name, toConfiguration(properties));
      const { region } = context;
      return {
        physicalId: name,
        attributes: {
          Arn: `arn:aws:s3:::${name}`,
          DomainName: `${name}.s3.amazonaws.com`,
          RegionalDomainName: `${name}.s3.${region}.amazonaws.com`,
          DualStackDomainName: `${name}.s3.dualstack.${region}.amazonaws.com`,
          WebsiteURL: `http://${name}.s3-website-${region}.amazonaws.com`,
        },
      };
    },
    async delete(physicalId) {
      if (buckets.find(physicalId)) removeBucket(environment, physicalId);
    },
  };
}

function toConfiguration(properties: BucketProperties): BucketConfiguration {
  return {
    cors: (properties.CorsConfiguration?.CorsRules ?? []).map((rule) => ({
      allowedOrigins: rule.AllowedOrigins,
      allowedMethods: rule.AllowedMethods,
      allowedHeaders: rule.AllowedHeaders ?? [],
      exposedHeaders: rule.ExposedHeaders ?? [],
      ...(rule.MaxAge !== undefined && { maxAgeSeconds: rule.MaxAge }),
    })),
    lifecycle: (properties.LifecycleConfiguration?.Rules ?? [])
      .filter((rule) => rule.Status === "Enabled")
      .map((rule, index) => ({
        id: rule.Id ?? `rule-${index}`,
        prefix: rule.Prefix ?? "",
        ...(rule.AbortIncompleteMultipartUpload && {
          abortUploadsAfterDays: rule.AbortIncompleteMultipartUpload.DaysAfterInitiation,
        }),
        ...(rule.ExpirationInDays !== undefined && { expireAfterDays: rule.ExpirationInDays }),
      })),
    notifications: (properties.NotificationConfiguration?.QueueConfigurations ?? []).map(
      (configuration, index) => {
        const rules = configuration.Filter?.S3Key.Rules ?? [];
        const value = (wanted: string) => rules.find(({ Name }) => Name === wanted)?.Value ?? "";
        return {
          id: `queue-${index}`,
          queueArn: configuration.Queue,
          events: [configuration.Event],
          prefix: value("prefix"),
          suffix: value("suffix"),
        };
      },
    ),
  };
}
