import { EvaluationError } from "./evaluate.ts";
import type { Value } from "./template.ts";

export interface SecretReference {
  /** Name or ARN. */
  readonly secretId: string;
  /** Take this member of the JSON in the secret, instead of all of it. */
  readonly jsonKey?: string;
  readonly versionStage?: string;
  readonly versionId?: string;
}

/**
 * Replaces `{{resolve:secretsmanager:…}}` in evaluated properties.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references.html
 *
 * @param read gives the secret; what it gives appears in no message
 */
export function resolveDynamicReferences(
  value: Value,
  read: (reference: SecretReference) => string,
  where: string,
): Value {
  if (typeof value === "string") {
    return value.replaceAll(
      /\{\{resolve:([^:}]+):([^}]*)\}\}/g,
      (_, service: string, rest: string) => {
        if (service !== "secretsmanager") {
          throw new EvaluationError(
            `${where}: dynamic references to ${service} are not supported; secretsmanager is.`,
          );
        }
        return read(parseSecretReference(rest, where));
      },
    );
  }
  if (Array.isArray(value)) {
    return value.map((item, index) => resolveDynamicReferences(item, read, `${where}.${index}`));
  }
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      key,
      resolveDynamicReferences(item, read, `${where}.${key}`),
    ]),
  );
}

/** `secret-id:SecretString:json-key:version-stage:version-id`; a secret's ARN has colons of its own. */
function parseSecretReference(text: string, where: string): SecretReference {
  const match =
    /^(arn:[^:]*:secretsmanager:[^:]*:[^:]*:secret:[^:]+|[^:]+)(?::([^:]*)(?::([^:]*)(?::([^:]*)(?::([^:]*))?)?)?)?$/.exec(
      text,
    );
  const [, secretId, member, jsonKey, versionStage, versionId] = match ?? [];
  if (!secretId || (member && member !== "SecretString")) {
    throw new EvaluationError(
      `${where}: a dynamic reference to a secret has the form ` +
        "{{resolve:secretsmanager:id:SecretString:json-key:version-stage:version-id}}.",
    );
  }
  return {
    secretId,
    ...(jsonKey ? { jsonKey } : {}),
    ...(versionStage ? { versionStage } : {}),
    ...(versionId ? { versionId } : {}),
  };
}
