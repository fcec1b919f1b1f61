import { z } from "zod";

const secretId = z.string().min(1).max(2048);
const token = z.string().min(32).max(64);
const secretString = z.string().min(1);
const secretBinary = z.base64().min(1);
const stage = z.string().min(1).max(256);
const tags = z.array(z.strictObject({ Key: z.string(), Value: z.string() })).max(50);

/** https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_CreateSecret.html */
export const secretName = z
  .string()
  .min(1)
  .max(512)
  .regex(
    /^[A-Za-z0-9/_+=.@-]+$/,
    "Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: -/_+=.@!",
  );

/** What each action takes. Members that AWS knows and this cloud does not are refused like unknown ones. */
export const requests = {
  CreateSecret: z.strictObject({
    Name: secretName,
    ClientRequestToken: token.optional(),
    Description: z.string().max(2048).optional(),
    SecretString: secretString.optional(),
    SecretBinary: secretBinary.optional(),
    Tags: tags.optional(),
  }),
  PutSecretValue: z.strictObject({
    SecretId: secretId,
    ClientRequestToken: token.optional(),
    SecretString: secretString.optional(),
    SecretBinary: secretBinary.optional(),
    VersionStages: z.array(stage).min(1).max(20).optional(),
  }),
  GetSecretValue: z.strictObject({
    SecretId: secretId,
    VersionId: token.optional(),
    VersionStage: stage.optional(),
  }),
  DescribeSecret: z.strictObject({ SecretId: secretId }),
  DeleteSecret: z.strictObject({
    SecretId: secretId,
    RecoveryWindowInDays: z.number().int().min(7).max(30).optional(),
    ForceDeleteWithoutRecovery: z.boolean().optional(),
  }),
  RestoreSecret: z.strictObject({ SecretId: secretId }),
  ListSecrets: z.strictObject({
    MaxResults: z.number().int().min(1).max(100).default(100),
    NextToken: z.string().max(4096).optional(),
    SortOrder: z.enum(["asc", "desc"]).default("asc"),
    IncludePlannedDeletion: z.boolean().default(false),
    Filters: z
      .array(
        z.strictObject({
          Key: z.enum(["name", "description"]),
          Values: z.array(z.string()).min(1).max(10),
        }),
      )
      .max(10)
      .default([]),
  }),
} as const;

export type ActionName = keyof typeof requests;
export type Request<A extends ActionName> = z.infer<(typeof requests)[A]>;
