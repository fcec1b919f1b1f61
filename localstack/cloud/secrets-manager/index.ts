import { AwsError } from "../aws-error.ts";
import type { CloudContext } from "../context.ts";
import type { AwsService } from "../service.ts";
import { secretsManagerActions } from "./actions.ts";
import { handleSecretsManager } from "./http-api.ts";
import {
  type AttachmentTarget,
  resourcePolicyProvider,
  secretProvider,
  secretTargetAttachmentProvider,
} from "./resources.ts";
import { openSecretStore } from "./secret-store.ts";
import { Secrets } from "./secrets.ts";

export interface SecretsManagerService extends AwsService {
  /**
   * The current text of a secret, by name or ARN.
   * @throws AwsError ResourceNotFoundException, InvalidRequestException
   */
  read(secretId: string): string;
  /** A secret's text, or one member of the JSON in it, as a dynamic reference names it. */
  resolve(reference: {
    readonly secretId: string;
    readonly jsonKey?: string;
    readonly versionStage?: string;
    readonly versionId?: string;
  }): string;
}

export interface SecretsManagerOptions {
  /** Where a database listens, by the id of its cluster; for `SecretTargetAttachment`. */
  describeTarget?(targetId: string): AttachmentTarget | undefined;
}

/** AWS Secrets Manager, its state in the tables `secretsmanager_*`. */
export function createSecretsManagerService(
  context: CloudContext,
  options: SecretsManagerOptions = {},
): SecretsManagerService {
  const store = openSecretStore(context.database);
  const secrets = new Secrets(context, store);
  const actions = secretsManagerActions(secrets);

  const text = (secretId: string, wanted: { VersionId?: string; VersionStage?: string }) => {
    const found = secrets.version(secrets.usable(secretId), wanted).text;
    if (found !== undefined) return found;
    throw new AwsError("InvalidRequestException", `The secret ${secretId} holds no text.`);
  };

  return {
    signingName: "secretsmanager",
    resourceProviders: [
      secretProvider(secrets, store),
      secretTargetAttachmentProvider(secrets, (id) => options.describeTarget?.(id)),
      resourcePolicyProvider(secrets, store),
    ],
    handle: (exchange) => handleSecretsManager(exchange, actions),
    start: async () => {},
    stop: async () => {},

    read: (secretId) => text(secretId, {}),

    resolve({ secretId, jsonKey, versionStage, versionId }) {
      const whole = text(secretId, {
        ...(versionStage === undefined ? {} : { VersionStage: versionStage }),
        ...(versionId === undefined ? {} : { VersionId: versionId }),
      });
      return jsonKey === undefined ? whole : member(secretId, whole, jsonKey);
    },
  };
}

function member(secretId: string, text: string, key: string): string {
  let value: unknown;
  try {
    value = Object(JSON.parse(text))[key];
  } catch {
    throw new AwsError("InvalidRequestException", `The secret ${secretId} holds no JSON.`);
  }
  if (typeof value === "string") return value;
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  throw new AwsError("ResourceNotFoundException", `The secret ${secretId} has no member ${key}.`);
}
