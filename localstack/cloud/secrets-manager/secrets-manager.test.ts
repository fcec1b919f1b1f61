import {
  CreateSecretCommand,
  DeleteSecretCommand,
  DescribeSecretCommand,
  GetSecretValueCommand,
  ListSecretsCommand,
  PutSecretValueCommand,
  RestoreSecretCommand,
  SecretsManagerClient,
} from "@aws-sdk/client-secrets-manager";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ManualClock } from "../clock.ts";
import { generatedName } from "../cloudformation/names.ts";
import { type Endpoint, openEndpoint } from "../http/index.ts";
import type { ResourceContext, ResourceProvider } from "../resource-provider.ts";
import { createTestContext, signByClock, type TestContext } from "../testing.ts";
import { createSecretsManagerService, type SecretsManagerService } from "./index.ts";

describe("Secrets Manager", () => {
  let context: TestContext & { clock: ManualClock };
  let service: SecretsManagerService;
  let endpoint: Endpoint;
  let client: SecretsManagerClient;

  beforeEach(async () => {
    const manual = new ManualClock();
    context = { ...(await createTestContext({ clock: manual })), clock: manual };
    service = createSecretsManagerService(context, {
      describeTarget: () => ({
        engine: "postgres",
        host: "127.0.0.1",
        port: 5432,
        dbname: "films",
      }),
    });
    endpoint = await openEndpoint({
      host: "127.0.0.1",
      port: 0,
      services: [service],
      credentials: context.credentials,
      clock: manual,
      log: context.log,
      region: context.region,
    });
    client = new SecretsManagerClient({
      endpoint: endpoint.url,
      region: context.region,
      credentials: context.credentials,
      maxAttempts: 1,
    });
    signByClock(client, manual);
  });
  afterEach(async () => {
    client.destroy();
    await endpoint.close();
    await context.dispose();
  });

  const create = (Name: string, SecretString = "s3cret") =>
    client.send(new CreateSecretCommand({ Name, SecretString }));
  const get = (SecretId: string, VersionStage?: string) =>
    client.send(new GetSecretValueCommand({ SecretId, VersionStage }));

  describe("the API", () => {
    it("keeps a text and finds it by name, ARN and partial ARN", async () => {
      // Act
      const { ARN = "", VersionId } = await create("keys/playback");

      // Assess
      expect(ARN).toMatch(
        /^arn:aws:secretsmanager:us-east-1:000000000000:secret:keys\/playback-\w{6}$/,
      );
      for (const id of ["keys/playback", ARN, ARN.slice(0, -7)]) {
        expect(await get(id)).toMatchObject({
          ARN,
          Name: "keys/playback",
          SecretString: "s3cret",
          VersionId,
          VersionStages: ["AWSCURRENT"],
        });
      }
    });

    it("keeps bytes", async () => {
      const SecretBinary = Uint8Array.from([0, 255, 7]);
      await client.send(new CreateSecretCommand({ Name: "binary", SecretBinary }));

      const found = await get("binary");

      expect(Uint8Array.from(found.SecretBinary ?? [])).toEqual(SecretBinary);
      expect(found.SecretString).toBeUndefined();
    });

    it("moves AWSCURRENT to a new value, and AWSPREVIOUS to the one before", async () => {
      await create("key", "one");

      await client.send(new PutSecretValueCommand({ SecretId: "key", SecretString: "two" }));
      await client.send(new PutSecretValueCommand({ SecretId: "key", SecretString: "three" }));

      expect((await get("key")).SecretString).toBe("three");
      expect((await get("key", "AWSPREVIOUS")).SecretString).toBe("two");
      const { VersionIdsToStages } = await client.send(
        new DescribeSecretCommand({ SecretId: "key" }),
      );
      expect(Object.values(VersionIdsToStages ?? {})).toHaveLength(2);
    });

    it("takes a repeated request as one, and refuses the same token for another value", async () => {
      const token = "00000000-0000-4000-8000-000000000000";
      const request = { Name: "once", SecretString: "a", ClientRequestToken: token };

      const first = await client.send(new CreateSecretCommand(request));
      const second = await client.send(new CreateSecretCommand(request));

      expect(second.ARN).toBe(first.ARN);
      await expect(
        client.send(new CreateSecretCommand({ ...request, SecretString: "b" })),
      ).rejects.toMatchObject({ name: "ResourceExistsException" });
    });

    it("lists page by page, by name", async () => {
      for (const name of ["c", "a", "b"]) await create(name);

      const first = await client.send(new ListSecretsCommand({ MaxResults: 2 }));
      const second = await client.send(
        new ListSecretsCommand({ MaxResults: 2, NextToken: first.NextToken }),
      );
      const filtered = await client.send(
        new ListSecretsCommand({ Filters: [{ Key: "name", Values: ["B"] }] }),
      );

      const names = (page: typeof first) => page.SecretList?.map((secret) => secret.Name);
      expect(names(first)).toEqual(["a", "b"]);
      expect(names(second)).toEqual(["c"]);
      expect(second.NextToken).toBeUndefined();
      expect(names(filtered)).toEqual(["b"]);
    });

    it("deletes at once when forced, and a secret that is not there too", async () => {
      await create("gone");
      const request = { SecretId: "gone", ForceDeleteWithoutRecovery: true };

      await client.send(new DeleteSecretCommand(request));
      await client.send(new DeleteSecretCommand(request));

      await expect(get("gone")).rejects.toMatchObject({ name: "ResourceNotFoundException" });
      await create("gone");
    });

    it("keeps a deleted secret for its recovery window, and then no longer", async () => {
      await create("film");
      await client.send(new DeleteSecretCommand({ SecretId: "film", RecoveryWindowInDays: 7 }));
      await expect(get("film")).rejects.toMatchObject({ name: "InvalidRequestException" });
      await expect(create("film")).rejects.toMatchObject({ name: "InvalidRequestException" });
      await client.send(new RestoreSecretCommand({ SecretId: "film" }));
      expect((await get("film")).SecretString).toBe("s3cret");

      await client.send(new DeleteSecretCommand({ SecretId: "film", RecoveryWindowInDays: 7 }));
      context.clock.advance(7 * 24 * 3_600_000);

      expect(() => service.read("film")).toThrow("can't find");
    });

    it.each([
      ["an unknown secret", () => get("nobody"), "ResourceNotFoundException"],
      [
        "an unknown stage",
        () => create("a").then(() => get("a", "X")),
        "ResourceNotFoundException",
      ],
      [
        "a second one of a name",
        () => create("b").then(() => create("b")),
        "ResourceExistsException",
      ],
      ["a wrong name", () => create("no spaces"), "ValidationException"],
      [
        "a value that is too long",
        () => create("l", "s3cret".repeat(11_000)),
        "InvalidParameterException",
      ],
      [
        "what it does not do",
        () =>
          client.send(
            new CreateSecretCommand({ Name: "k", SecretString: "s3cret", KmsKeyId: "alias/x" }),
          ),
        "ValidationException",
      ],
      [
        "a secret without a value",
        () => client.send(new PutSecretValueCommand({ SecretId: "none" })),
        "ResourceNotFoundException",
      ],
    ])("refuses %s, and shows no value", async (_, act, name) => {
      const error = await act().catch((thrown: unknown) => thrown);

      expect(error).toMatchObject({ name });
      expect(String(error)).not.toContain("s3cret");
    });

    it("refuses who did not sign", async () => {
      const answer = await fetch(endpoint.url, {
        method: "POST",
        headers: { "x-amz-target": "secretsmanager.ListSecrets" },
        body: "{}",
      });

      expect(answer.status).toBe(403);
    });
  });

  describe("in a template", () => {
    const place = (logicalId: string): ResourceContext => ({
      accountId: context.accountId,
      region: context.region,
      stackName: "Films",
      logicalId,
      generatedName: (max) => generatedName("Films", logicalId, max),
      assetPath: () => "",
    });
    const put = (type: string, properties: object, logicalId = "Secret") => {
      const provider: ResourceProvider | undefined = service.resourceProviders.find(
        (it) => it.type === `AWS::SecretsManager::${type}`,
      );
      if (!provider) throw new Error(type);
      return provider.put(provider.schema.parse(properties), place(logicalId));
    };
    const generated = {
      GenerateSecretString: {
        SecretStringTemplate: '{"username":"films"}',
        GenerateStringKey: "password",
        PasswordLength: 30,
        ExcludeCharacters: " %+~`#$&*()|[]{}:;<>?!'/@\"\\",
      },
    };

    it("a generated value is made once", async () => {
      const { physicalId } = await put("Secret", generated);
      const first = service.read(physicalId);
      await put("Secret", generated);

      expect(service.read(physicalId)).toBe(first);
      expect(JSON.parse(first)).toEqual({
        username: "films",
        password: expect.stringMatching(/^[A-Za-z0-9,.^_=-]{30}$/),
      });
    });

    it("a given value follows the template, and only when the template changes", async () => {
      const { physicalId } = await put("Secret", { SecretString: "one" });
      await client.send(
        new PutSecretValueCommand({ SecretId: physicalId, SecretString: "rotated" }),
      );

      await put("Secret", { SecretString: "one" });
      expect(service.read(physicalId)).toBe("rotated");
      await put("Secret", { SecretString: "two" });
      expect(service.read(physicalId)).toBe("two");
    });

    it("an attachment adds where the database listens, and stays when the secret is put again", async () => {
      const { physicalId } = await put("Secret", generated);
      const attach = () =>
        put("SecretTargetAttachment", {
          SecretId: physicalId,
          TargetId: "films-cluster",
          TargetType: "AWS::RDS::DBCluster",
        });

      await attach();
      await put("Secret", generated);
      await attach();

      expect(JSON.parse(service.read(physicalId))).toEqual({
        username: "films",
        password: expect.any(String),
        engine: "postgres",
        host: "127.0.0.1",
        port: 5432,
        dbname: "films",
        dbClusterIdentifier: "films-cluster",
      });
      expect(service.resolve({ secretId: physicalId, jsonKey: "port" })).toBe("5432");
    });

    it("refuses both kinds of value at once, without showing one", async () => {
      await expect(put("Secret", { ...generated, SecretString: "s3cret" })).rejects.toThrow(
        "not both",
      );
    });
  });
});
