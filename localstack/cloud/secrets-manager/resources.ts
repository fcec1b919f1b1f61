import { createHash, randomInt } from "node:crypto";
import { z } from "zod";
import { AwsError } from "../aws-error.ts";
import type { ResourceProvider } from "../resource-provider.ts";
import { generatePassword } from "./password.ts";
import { secretName } from "./requests.ts";
import type { SecretStore } from "./secret-store.ts";
import type { Secrets } from "./secrets.ts";

/** Templates carry booleans and numbers as themselves or as texts. */
const flag = z.union([z.boolean(), z.enum(["true", "false"]).transform((it) => it === "true")]);
const policyDocument = z
  .union([z.string(), z.record(z.string(), z.unknown())])
  .transform((it) => (typeof it === "string" ? it : JSON.stringify(it)));

const generateSchema = z.strictObject({
  PasswordLength: z.coerce.number().int().min(1).max(4096).optional(),
  ExcludeCharacters: z.string().max(4096).optional(),
  ExcludeLowercase: flag.optional(),
  ExcludeUppercase: flag.optional(),
  ExcludeNumbers: flag.optional(),
  ExcludePunctuation: flag.optional(),
  IncludeSpace: flag.optional(),
  RequireEachIncludedType: flag.optional(),
  SecretStringTemplate: z.string().optional(),
  GenerateStringKey: z.string().min(1).optional(),
});

const secretProperties = z.strictObject({
  Name: secretName.optional(),
  Description: z.string().optional(),
  SecretString: z.string().min(1).optional(),
  GenerateSecretString: generateSchema.optional(),
});
type SecretProperties = z.infer<typeof secretProperties>;

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-secretsmanager-secret.html */
export function secretProvider(
  secrets: Secrets,
  store: SecretStore,
): ResourceProvider<SecretProperties> {
  return {
    type: "AWS::SecretsManager::Secret",
    schema: secretProperties,
    inert: ["KmsKeyId", "Tags"],

    async put(properties, context) {
      const Name = properties.Name ?? context.generatedName(512);
      const { Description, GenerateSecretString, SecretString } = properties;
      if (SecretString !== undefined && GenerateSecretString) {
        throw new AwsError(
          "InvalidParameterException",
          "Give SecretString or GenerateSecretString, not both.",
        );
      }
      const found = secrets.find(Name);
      if (found?.deleteAt !== undefined) secrets.restore(found.arn);
      const secret = found ?? secrets.create({ Name, Description }).secret;
      store.describe(secret.arn, Description);

      // The value is taken from the template again only when the template says something else:
      // what was generated, rotated or attached since then stays.
      const mark = createHash("sha256")
        .update(JSON.stringify({ SecretString, GenerateSecretString }))
        .digest("hex");
      if (store.templateMark(secret.arn) !== mark) {
        secrets.putValue({
          SecretId: secret.arn,
          SecretString: SecretString ?? generate(GenerateSecretString ?? {}),
        });
        store.setTemplateMark(secret.arn, mark);
      }
      return { physicalId: secret.arn, attributes: { Id: secret.arn } };
    },

    async delete(physicalId) {
      secrets.delete({ SecretId: physicalId, ForceDeleteWithoutRecovery: true });
    },
  };
}

function generate(options: z.infer<typeof generateSchema>): string {
  const { SecretStringTemplate, GenerateStringKey, ...rules } = options;
  const password = generatePassword(rules, (max) => randomInt(max));
  if (SecretStringTemplate === undefined && GenerateStringKey === undefined) return password;
  if (SecretStringTemplate === undefined || GenerateStringKey === undefined) {
    throw new AwsError(
      "InvalidParameterException",
      "SecretStringTemplate and GenerateStringKey belong together.",
    );
  }
  return JSON.stringify({ ...members(SecretStringTemplate), [GenerateStringKey]: password });
}

const attachmentProperties = z.strictObject({
  SecretId: z.string(),
  TargetId: z.string(),
  TargetType: z.enum(["AWS::RDS::DBCluster", "AWS::RDS::DBInstance"]),
});

/** What a database adds to its secret: where it listens. */
export interface AttachmentTarget {
  readonly engine: string;
  readonly host: string;
  readonly port: number;
  readonly dbname?: string | undefined;
}

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-secretsmanager-secrettargetattachment.html */
export function secretTargetAttachmentProvider(
  secrets: Secrets,
  describeTarget: (targetId: string) => AttachmentTarget | undefined,
): ResourceProvider<z.infer<typeof attachmentProperties>> {
  return {
    type: "AWS::SecretsManager::SecretTargetAttachment",
    schema: attachmentProperties,
    inert: [],

    async put({ SecretId, TargetId, TargetType }) {
      const secret = secrets.usable(SecretId);
      const before = secrets.version(secret, {}).text ?? "";
      const idName =
        TargetType === "AWS::RDS::DBCluster" ? "dbClusterIdentifier" : "dbInstanceIdentifier";
      const after = JSON.stringify({
        ...members(before),
        ...describeTarget(TargetId),
        [idName]: TargetId,
      });
      if (after !== before) secrets.putValue({ SecretId: secret.arn, SecretString: after });
      return { physicalId: secret.arn, attributes: { Id: secret.arn } };
    },

    // What was added says nothing wrong about a secret that is attached to nothing.
    async delete() {},
  };
}

const resourcePolicyProperties = z.strictObject({
  SecretId: z.string(),
  ResourcePolicy: policyDocument,
  BlockPublicPolicy: flag.optional(),
});

export function resourcePolicyProvider(
  secrets: Secrets,
  store: SecretStore,
): ResourceProvider<z.infer<typeof resourcePolicyProperties>> {
  return {
    type: "AWS::SecretsManager::ResourcePolicy",
    schema: resourcePolicyProperties,
    inert: [],

    async put({ SecretId, ResourcePolicy }) {
      const { arn } = secrets.usable(SecretId);
      store.setPolicy(arn, ResourcePolicy);
      return { physicalId: arn, attributes: { Id: arn } };
    },

    async delete(physicalId) {
      store.setPolicy(physicalId, undefined);
    },
  };
}

/** @throws AwsError without the text, which may be a secret */
function members(text: string): Record<string, unknown> {
  try {
    return z.record(z.string(), z.unknown()).parse(JSON.parse(text));
  } catch {
    throw new AwsError("InvalidParameterException", "The secret's text is not a JSON object.");
  }
}
