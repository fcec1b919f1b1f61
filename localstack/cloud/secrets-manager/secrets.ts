import { randomInt, randomUUID } from "node:crypto";
import { AwsError } from "../aws-error.ts";
import type { CloudContext } from "../context.ts";
import type { Request } from "./requests.ts";
import type { Secret, SecretStore, SecretValue, SecretVersion } from "./secret-store.ts";

const CURRENT = "AWSCURRENT";
const PREVIOUS = "AWSPREVIOUS";
/** https://docs.aws.amazon.com/secretsmanager/latest/userguide/reference_limits.html */
const MAX_VALUE_BYTES = 65_536;
const VERSIONS_KEPT = 100;
const DAY_MS = 24 * 60 * 60 * 1000;

export interface FoundVersion {
  readonly secret: Secret;
  readonly version: SecretVersion;
}

/** What Secrets Manager does, whoever asks: the API, a template, another service in this process. */
export class Secrets {
  readonly #context: CloudContext;
  readonly #store: SecretStore;

  constructor(context: CloudContext, store: SecretStore) {
    this.#context = context;
    this.#store = store;
  }

  /** @throws AwsError ResourceExistsException, InvalidRequestException, InvalidParameterException */
  create(request: Request<"CreateSecret">): { secret: Secret; versionId: string | undefined } {
    return this.#context.transaction(() => {
      const value = readValue(request);
      const existing = this.find(request.Name);
      if (existing?.deleteAt !== undefined) {
        throw invalidRequest(
          "You can't create this secret because a secret with this name is already scheduled for deletion.",
        );
      }
      if (existing) {
        const again = this.#sameVersion(existing, request.ClientRequestToken, value);
        if (again) return { secret: existing, versionId: again };
        throw exists(`The operation failed because the secret ${request.Name} already exists.`);
      }
      const now = this.#context.clock.now();
      const secret: Secret = {
        arn: this.#newArn(request.Name),
        name: request.Name,
        description: request.Description,
        tags: request.Tags ?? [],
        createdAt: now,
        changedAt: now,
        deleteAt: undefined,
      };
      this.#store.insert(secret);
      const versionId = value && this.#addVersion(secret, value, request.ClientRequestToken);
      return { secret, versionId };
    });
  }

  /** @throws AwsError ResourceNotFoundException, InvalidRequestException, ResourceExistsException */
  putValue(request: Request<"PutSecretValue">): FoundVersion {
    return this.#context.transaction(() => {
      const secret = this.usable(request.SecretId);
      const value = readValue(request);
      if (!value) throw invalidParameter("You must provide either SecretString or SecretBinary.");
      const versionId =
        this.#sameVersion(secret, request.ClientRequestToken, value) ??
        this.#addVersion(secret, value, request.ClientRequestToken, request.VersionStages);
      return { secret, version: this.version(secret, { VersionId: versionId }) };
    });
  }

  /** @throws AwsError ResourceNotFoundException */
  version(
    secret: Secret,
    wanted: { readonly VersionId?: string | undefined; readonly VersionStage?: string | undefined },
  ): SecretVersion {
    const { VersionId: id, VersionStage: stage = id === undefined ? CURRENT : undefined } = wanted;
    const found = this.#store
      .versions(secret.arn)
      .find(
        (version) =>
          (id === undefined || version.versionId === id) &&
          (stage === undefined || version.stages.includes(stage)),
      );
    if (found) return found;
    throw notFound(
      stage === undefined
        ? `Secrets Manager can't find the specified secret value for VersionId: ${id}`
        : `Secrets Manager can't find the specified secret value for staging label: ${stage}`,
    );
  }

  versions(secret: Secret): SecretVersion[] {
    return this.#store.versions(secret.arn);
  }

  find(secretId: string): Secret | undefined {
    this.#store.deleteDue(this.#context.clock.now());
    return this.#store.find(secretId);
  }

  /** @throws AwsError ResourceNotFoundException */
  existing(secretId: string): Secret {
    const secret = this.find(secretId);
    if (!secret) throw notFound("Secrets Manager can't find the specified secret.");
    return secret;
  }

  /** @throws AwsError ResourceNotFoundException, InvalidRequestException when it is marked for deletion */
  usable(secretId: string): Secret {
    const secret = this.existing(secretId);
    if (secret.deleteAt === undefined) return secret;
    throw invalidRequest(
      "You can't perform this operation on the secret because it was marked for deletion.",
    );
  }

  /** @returns when the secret is gone, in milliseconds since the epoch */
  delete(request: Request<"DeleteSecret">): { secret: Secret | undefined; deleteAt: number } {
    const { RecoveryWindowInDays: days, ForceDeleteWithoutRecovery: force } = request;
    if (force && days !== undefined) {
      throw invalidParameter(
        "You can't use ForceDeleteWithoutRecovery in conjunction with RecoveryWindowInDays.",
      );
    }
    return this.#context.transaction(() => {
      const now = this.#context.clock.now();
      if (force) {
        // A secret that is not there is no error then: the caller wants it gone.
        const secret = this.find(request.SecretId);
        if (secret) this.#store.delete(secret.arn);
        return { secret, deleteAt: now };
      }
      const secret = this.usable(request.SecretId);
      const deleteAt = now + (days ?? 30) * DAY_MS;
      this.#store.scheduleDeletion(secret.arn, deleteAt);
      return { secret, deleteAt };
    });
  }

  restore(secretId: string): Secret {
    const secret = this.existing(secretId);
    this.#store.scheduleDeletion(secret.arn, undefined);
    return secret;
  }

  list(): Secret[] {
    this.#store.deleteDue(this.#context.clock.now());
    return this.#store.list();
  }

  #addVersion(
    secret: Secret,
    value: SecretValue,
    versionId: string = randomUUID(),
    stages: readonly string[] = [CURRENT],
  ): string {
    const { arn } = secret;
    const before = this.#store.versions(arn);
    this.#store.addVersion(arn, versionId, value, this.#context.clock.now());
    // The first version is current whatever the caller says: a secret with values has a current one.
    const wanted = new Set(before.length === 0 ? [...stages, CURRENT] : stages);
    if (wanted.has(CURRENT)) {
      const current = before.find((version) => version.stages.includes(CURRENT));
      if (current) this.#store.putStage(arn, PREVIOUS, current.versionId);
    }
    for (const stage of wanted) this.#store.putStage(arn, stage, versionId);
    this.#store.pruneVersions(arn, VERSIONS_KEPT);
    return versionId;
  }

  /** The token makes a repeated request harmless, and one that differs a mistake. */
  #sameVersion(
    secret: Secret,
    token: string | undefined,
    value: SecretValue | undefined,
  ): string | undefined {
    const version = this.#store.versions(secret.arn).find(({ versionId }) => versionId === token);
    if (!version) return undefined;
    const isSame =
      version.text === value?.text &&
      Buffer.compare(version.bytes ?? Buffer.alloc(0), value?.bytes ?? Buffer.alloc(0)) === 0;
    if (isSame) return version.versionId;
    throw exists(
      `The operation failed because the version ${version.versionId} already exists with another value.`,
    );
  }

  /** Six characters, so that a secret made anew under an old name is another one to policies. */
  #newArn(name: string): string {
    const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    const suffix = Array.from({ length: 6 }, () => alphabet[randomInt(alphabet.length)]).join("");
    const { region, accountId } = this.#context;
    return `arn:aws:secretsmanager:${region}:${accountId}:secret:${name}-${suffix}`;
  }
}

function readValue(request: {
  readonly SecretString?: string | undefined;
  readonly SecretBinary?: string | undefined;
}): SecretValue | undefined {
  const { SecretString: text, SecretBinary: base64 } = request;
  if (text !== undefined && base64 !== undefined) {
    throw invalidParameter(
      "You can't specify both a binary secret value and a string secret value in the same secret.",
    );
  }
  const bytes = base64 === undefined ? undefined : Buffer.from(base64, "base64");
  if ((bytes?.length ?? Buffer.byteLength(text ?? "")) > MAX_VALUE_BYTES) {
    throw invalidParameter(`The secret value is longer than ${MAX_VALUE_BYTES} bytes.`);
  }
  if (text !== undefined) return { text };
  return bytes && { bytes };
}

const notFound = (message: string) => new AwsError("ResourceNotFoundException", message);
const exists = (message: string) => new AwsError("ResourceExistsException", message);
const invalidRequest = (message: string) => new AwsError("InvalidRequestException", message);
const invalidParameter = (message: string) => new AwsError("InvalidParameterException", message);
