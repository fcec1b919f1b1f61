import {
  CreateSecretCommand,
  GetSecretValueCommand,
  ResourceNotFoundException,
  type SecretsManagerClient,
} from "@aws-sdk/client-secrets-manager";

export interface EnsuredSecret {
  readonly arn: string;
  readonly text: string;
  /** Made just now. */
  readonly isNew: boolean;
}

/**
 * A secret that is made once per environment, before its first deployment. No stack owns it, so
 * that no change of a template can replace it.
 */
export async function ensureSecret(
  secrets: SecretsManagerClient,
  { name, description, make }: { name: string; description: string; make: () => string },
): Promise<EnsuredSecret> {
  const stored = await secrets
    .send(new GetSecretValueCommand({ SecretId: name }))
    .catch((error: unknown) => {
      if (error instanceof ResourceNotFoundException) return undefined;
      throw error;
    });
  if (stored?.SecretString && stored.ARN) {
    return { arn: stored.ARN, text: stored.SecretString, isNew: false };
  }
  const text = make();
  const created = await secrets.send(
    new CreateSecretCommand({ Name: name, Description: description, SecretString: text }),
  );
  if (!created.ARN) throw new Error("CreateSecret answered without an ARN");
  return { arn: created.ARN, text, isNew: true };
}
