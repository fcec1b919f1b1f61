import { AwsError } from "../aws-error.ts";
import type { ActionName, Request } from "./requests.ts";
import type { Secret, SecretVersion } from "./secret-store.ts";
import type { Secrets } from "./secrets.ts";

type Actions = { readonly [A in ActionName]: (request: Request<A>) => object };

/** The API's actions. Times on the wire are seconds since the epoch. */
export function secretsManagerActions(secrets: Secrets): Actions {
  return {
    CreateSecret(request) {
      const { secret, versionId } = secrets.create(request);
      return { ...identity(secret), VersionId: versionId };
    },

    PutSecretValue(request) {
      const { secret, version } = secrets.putValue(request);
      return { ...identity(secret), ...versionOf(version) };
    },

    GetSecretValue(request) {
      const secret = secrets.usable(request.SecretId);
      const version = secrets.version(secret, request);
      return {
        ...identity(secret),
        ...versionOf(version),
        SecretString: version.text,
        SecretBinary: version.bytes && Buffer.from(version.bytes).toString("base64"),
        CreatedDate: seconds(version.createdAt),
      };
    },

    DescribeSecret(request) {
      const secret = secrets.existing(request.SecretId);
      return { ...summary(secret), VersionIdsToStages: stagesByVersion(secrets, secret) };
    },

    DeleteSecret(request) {
      const { secret, deleteAt } = secrets.delete(request);
      return {
        ...(secret ? identity(secret) : { Name: request.SecretId }),
        DeletionDate: seconds(deleteAt),
      };
    },

    RestoreSecret(request) {
      return identity(secrets.restore(request.SecretId));
    },

    ListSecrets(request) {
      const found = secrets
        .list()
        .filter((secret) => request.IncludePlannedDeletion || secret.deleteAt === undefined)
        .filter((secret) => request.Filters.every((filter) => matches(secret, filter)));
      if (request.SortOrder === "desc") found.reverse();
      const start = startOf(found, request.NextToken);
      const page = found.slice(start, start + request.MaxResults);
      const last = page.at(-1);
      const isMore = start + page.length < found.length;
      return {
        SecretList: page.map((secret) => ({
          ...summary(secret),
          SecretVersionsToStages: stagesByVersion(secrets, secret),
        })),
        NextToken: isMore && last ? Buffer.from(last.name).toString("base64url") : undefined,
      };
    },
  };
}

/** A value matches from its beginning, without regard to case; `!` turns it round. */
function matches(secret: Secret, filter: Request<"ListSecrets">["Filters"][number]): boolean {
  const text = (filter.Key === "name" ? secret.name : (secret.description ?? "")).toLowerCase();
  return filter.Values.some((value) => {
    const wanted = value.replace(/^!/, "").toLowerCase();
    return text.startsWith(wanted) !== value.startsWith("!");
  });
}

function startOf(found: readonly Secret[], nextToken: string | undefined): number {
  if (nextToken === undefined) return 0;
  const last = Buffer.from(nextToken, "base64url").toString("utf8");
  const index = found.findIndex((secret) => secret.name === last);
  if (index < 0) throw new AwsError("InvalidNextTokenException", "The NextToken value is invalid.");
  return index + 1;
}

function identity({ arn, name }: Secret) {
  return { ARN: arn, Name: name };
}

function versionOf({ versionId, stages }: SecretVersion) {
  return { VersionId: versionId, VersionStages: stages };
}

function summary(secret: Secret) {
  return {
    ...identity(secret),
    Description: secret.description,
    Tags: secret.tags,
    CreatedDate: seconds(secret.createdAt),
    LastChangedDate: seconds(secret.changedAt),
    DeletedDate: secret.deleteAt === undefined ? undefined : seconds(secret.deleteAt),
  };
}

function stagesByVersion(secrets: Secrets, secret: Secret) {
  const labelled = secrets.versions(secret).filter((version) => version.stages.length > 0);
  return Object.fromEntries(labelled.map((version) => [version.versionId, version.stages]));
}

const seconds = (milliseconds: number) => milliseconds / 1000;
