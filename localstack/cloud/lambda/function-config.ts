import { z } from "zod";
import { MAX_ENVIRONMENT_BYTES } from "./limits.ts";

const number = (min: number, max: number) =>
  z
    .union([z.number(), z.string().regex(/^\d+$/)])
    .transform(Number)
    .pipe(z.number().int().min(min).max(max));
const scalar = z.union([z.string(), z.number(), z.boolean()]).transform(String);

const runtimes = ["nodejs20.x", "nodejs22.x", "nodejs24.x"] as const;

/** Names that Lambda keeps for itself: https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime */
const reservedVariables = new Set([
  "_HANDLER",
  "_X_AMZN_TRACE_ID",
  "AWS_DEFAULT_REGION",
  "AWS_REGION",
  "AWS_EXECUTION_ENV",
  "AWS_LAMBDA_FUNCTION_NAME",
  "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
  "AWS_LAMBDA_FUNCTION_VERSION",
  "AWS_LAMBDA_INITIALIZATION_TYPE",
  "AWS_LAMBDA_LOG_GROUP_NAME",
  "AWS_LAMBDA_LOG_STREAM_NAME",
  "AWS_ACCESS_KEY",
  "AWS_ACCESS_KEY_ID",
  "AWS_SECRET_ACCESS_KEY",
  "AWS_SESSION_TOKEN",
  "AWS_LAMBDA_RUNTIME_API",
  "LAMBDA_TASK_ROOT",
  "LAMBDA_RUNTIME_DIR",
]);

const variables = z
  .record(z.string().regex(/^[A-Za-z][A-Za-z0-9_]+$/), scalar)
  .superRefine((it, context) => {
    for (const name of Object.keys(it)) {
      if (reservedVariables.has(name)) {
        context.addIssue({
          code: "custom",
          message: `${name} is reserved by Lambda`,
          path: [name],
        });
      }
    }
    if (Buffer.byteLength(JSON.stringify(it)) > MAX_ENVIRONMENT_BYTES) {
      context.addIssue({ code: "custom", message: "environment variables are longer than 4 KB" });
    }
  });

const queueArn = z
  .string()
  .regex(/^arn:aws[\w-]*:sqs:/, "this cloud sends dead letters and results to SQS queues only");

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-lambda-function.html */
export const functionProperties = z.strictObject({
  Code: z.union([
    z.strictObject({ S3Bucket: z.string(), S3Key: z.string() }),
    z.strictObject({ ZipFile: z.string() }),
  ]),
  Handler: z.string().min(1).max(128),
  Runtime: z.enum(runtimes, {
    error: (issue) =>
      `this host runs ${runtimes.join(", ")}, not ${String(issue.input)}: choose one of them`,
  }),
  Role: z.string(),
  FunctionName: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,64}$/)
    .optional(),
  Description: z.string().max(256).optional(),
  Environment: z.strictObject({ Variables: variables.optional() }).optional(),
  MemorySize: number(128, 10_240).prefault(128),
  Timeout: number(1, 900).prefault(3),
  Layers: z.array(z.string()).max(5).optional(),
  EphemeralStorage: z.strictObject({ Size: number(512, 10_240) }).optional(),
  ReservedConcurrentExecutions: number(0, 1000).optional(),
  DeadLetterConfig: z.strictObject({ TargetArn: queueArn.optional() }).optional(),
  Architectures: z
    .array(z.enum(["x86_64", "arm64"]))
    .max(1)
    .optional(),
  PackageType: z
    .literal("Zip", "functions from container images are not part of this cloud")
    .optional(),
});
export type FunctionProperties = z.infer<typeof functionProperties>;

export const inertFunctionProperties = [
  "LoggingConfig",
  "TracingConfig",
  "Tags",
  "VpcConfig",
  "KmsKeyArn",
  "RuntimeManagementConfig",
  "RecursiveLoop",
  "SnapStart",
  "CodeSigningConfigArn",
];

/** A function as it is kept. Sizes in MB, times in seconds. */
export const functionConfig = z.strictObject({
  name: z.string(),
  arn: z.string(),
  handler: z.string(),
  runtime: z.enum(runtimes),
  role: z.string(),
  description: z.string(),
  variables: z.record(z.string(), z.string()),
  memoryMb: z.number(),
  timeoutSeconds: z.number(),
  layers: z.array(z.strictObject({ arn: z.string(), directory: z.string() })),
  ephemeralMb: z.number(),
  reservedConcurrency: z.number().or(z.undefined()).optional(),
  deadLetterArn: z.string().or(z.undefined()).optional(),
  architecture: z.enum(["x86_64", "arm64"]),
  codeDirectory: z.string(),
  modifiedAt: z.number(),
});
export type FunctionConfig = z.infer<typeof functionConfig>;

export const invokeConfigProperties = z.strictObject({
  FunctionName: z.string(),
  Qualifier: z.string().optional(),
  MaximumRetryAttempts: number(0, 2).optional(),
  MaximumEventAgeInSeconds: number(60, 21_600).optional(),
  DestinationConfig: z
    .strictObject({
      OnFailure: z.strictObject({ Destination: queueArn }).optional(),
      OnSuccess: z.strictObject({ Destination: queueArn }).optional(),
    })
    .optional(),
});
export type InvokeConfigProperties = z.infer<typeof invokeConfigProperties>;

export const mappingProperties = z
  .strictObject({
    FunctionName: z.string(),
    EventSourceArn: z
      .string()
      .regex(/^arn:aws[\w-]*:sqs:/, "this cloud has event source mappings for SQS queues only"),
    // SQS takes up to 10 messages without a window (https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html).
    BatchSize: number(1, 10_000).prefault(10),
    MaximumBatchingWindowInSeconds: number(0, 300).prefault(0),
    Enabled: z
      .union([z.boolean(), z.enum(["true", "false"]).transform((it) => it === "true")])
      .prefault(true),
    FunctionResponseTypes: z.array(z.literal("ReportBatchItemFailures")).max(1).optional(),
    ScalingConfig: z.strictObject({ MaximumConcurrency: number(2, 1000).optional() }).optional(),
    FilterCriteria: z
      .undefined("this cloud filters no events: leave FilterCriteria out and test in the function")
      .optional(),
  })
  .refine((it) => it.BatchSize <= 10 || it.MaximumBatchingWindowInSeconds >= 1, {
    message: "a BatchSize above 10 needs a MaximumBatchingWindowInSeconds of at least 1",
    path: ["MaximumBatchingWindowInSeconds"],
  });
export type MappingProperties = z.infer<typeof mappingProperties>;

export const mappingConfig = z.strictObject({
  id: z.string(),
  functionName: z.string(),
  queueArn: z.string(),
  batchSize: z.number(),
  windowSeconds: z.number(),
  enabled: z.boolean(),
  reportsItemFailures: z.boolean(),
  maximumConcurrency: z.number().or(z.undefined()).optional(),
  modifiedAt: z.number(),
});
export type MappingConfig = z.infer<typeof mappingConfig>;
