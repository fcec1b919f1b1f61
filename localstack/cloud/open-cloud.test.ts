import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import {
  CreateSecretCommand,
  GetSecretValueCommand,
  SecretsManagerClient,
} from "@aws-sdk/client-secrets-manager";
import { ReceiveMessageCommand, SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Cloud, type CloudOptions, openCloud } from "./open-cloud.ts";
import type { AwsService } from "./service.ts";
import { writeAssembly } from "./test-assembly.ts";

const queueTemplate = (properties: object = {}) => ({
  Resources: { Jobs: { Type: "AWS::SQS::Queue", Properties: properties } },
  Outputs: { JobsUrl: { Value: { Ref: "Jobs" } } },
});

describe("the cloud", () => {
  let home: string;
  let clouds: Cloud[];
  beforeEach(() => {
    home = mkdtempSync(path.join(tmpdir(), "cloud-open-"));
    clouds = [];
  });
  afterEach(async () => {
    for (const cloud of clouds) await cloud.close();
    rmSync(home, { recursive: true, force: true });
  });

  const dataDir = () => path.join(home, "data");
  const assemblyDir = () => path.join(home, "cdk.out");
  const open = async (options: Partial<CloudOptions> = {}) => {
    const cloud = await openCloud({ dataDir: dataDir(), port: 0, ...options });
    clouds.push(cloud);
    return cloud;
  };
  const clientOptions = (cloud: Cloud) => ({
    endpoint: cloud.endpoint,
    region: cloud.region,
    // A copy: the SDK writes into what it is given.
    credentials: { ...cloud.credentials },
    maxAttempts: 1,
  });

  it("keeps credentials, queues, messages and secrets across a restart, on another port", async () => {
    // Prepare
    writeAssembly(assemblyDir(), { Films: { template: queueTemplate() } });
    const first = await open();
    const before = await first.deploy({ assemblyDir: assemblyDir() });
    const sqs = new SQSClient(clientOptions(first));
    await sqs.send(
      new SendMessageCommand({ QueueUrl: before.outputs.Films?.JobsUrl, MessageBody: "film" }),
    );
    await new SecretsManagerClient(clientOptions(first)).send(
      new CreateSecretCommand({ Name: "key", SecretString: "s3cret" }),
    );
    await first.close();

    // Act
    const second = await open();
    const after = await second.deploy({ assemblyDir: assemblyDir() });

    // Assess
    expect(second.credentials).toEqual(first.credentials);
    expect(second.endpoint).not.toBe(first.endpoint);
    const { Messages } = await new SQSClient(clientOptions(second)).send(
      new ReceiveMessageCommand({ QueueUrl: after.outputs.Films?.JobsUrl }),
    );
    expect(Messages?.map((message) => message.Body)).toEqual(["film"]);
    const secret = await new SecretsManagerClient(clientOptions(second)).send(
      new GetSecretValueCommand({ SecretId: "key" }),
    );
    expect(secret.SecretString).toBe("s3cret");
  });

  it("starts services once, when every stack of the assembly stands", async () => {
    // Prepare
    const calls: string[] = [];
    const service: AwsService = {
      signingName: "films",
      resourceProviders: [],
      handle: async () => {},
      start: async () => void calls.push("start"),
      stop: async () => void calls.push("stop"),
    };
    writeAssembly(assemblyDir(), {
      Storage: { template: queueTemplate() },
      App: { template: { Resources: {} }, dependsOn: ["Storage"] },
    });
    const cloud = await open({ services: () => [service] });

    // Act, Assess
    await cloud.deploy({ assemblyDir: assemblyDir(), stacks: ["Storage"] });
    expect(calls).toEqual([]);
    await cloud.deploy({ assemblyDir: assemblyDir(), stacks: ["App"] });
    await cloud.deploy({ assemblyDir: assemblyDir() });
    expect(calls).toEqual(["start"]);
    await cloud.close();
    expect(calls).toEqual(["start", "stop"]);
  });

  it("resolves a secret of its own into a template", async () => {
    // Prepare
    writeAssembly(assemblyDir(), {
      Films: {
        template: {
          Parameters: { KeyArn: { Type: "String" } },
          Resources: {
            Copy: {
              Type: "AWS::SecretsManager::Secret",
              Properties: {
                Name: "copy",
                SecretString: {
                  "Fn::Join": [
                    "",
                    ["{{resolve:secretsmanager:", { Ref: "KeyArn" }, ":SecretString:key::}}"],
                  ],
                },
              },
            },
          },
        },
      },
    });
    const cloud = await open();
    const client = new SecretsManagerClient(clientOptions(cloud));
    const { ARN = "" } = await client.send(
      new CreateSecretCommand({ Name: "key", SecretString: '{"key":"s3cret"}' }),
    );

    // Act
    await cloud.deploy({
      assemblyDir: assemblyDir(),
      parameters: { Films: { KeyArn: ARN } },
    });

    // Assess
    const copy = await client.send(new GetSecretValueCommand({ SecretId: "copy" }));
    expect(copy.SecretString).toBe("s3cret");
  });

  describe("refuses in one sentence", () => {
    it("a port that is taken, and lets go of the data directory", async () => {
      // Prepare
      const other = createServer().listen(0, "127.0.0.1");
      await new Promise((resolve) => other.once("listening", resolve));
      const { port } = other.address() as AddressInfo;

      // Act, Assess
      await expect(open({ port })).rejects.toMatchObject({
        code: "port-in-use",
        message: expect.stringContaining(String(port)),
      });
      await open();
      other.close();
    });

    it("a data directory that another cloud uses", async () => {
      await open();

      await expect(open()).rejects.toMatchObject({
        code: "data-dir-in-use",
        message: expect.stringContaining(`process ${process.pid}`),
      });
    });

    it("a data directory that cannot be one", async () => {
      writeFileSync(path.join(home, "data"), "");

      await expect(open()).rejects.toMatchObject({ code: "data-dir-unwritable" });
    });

    it("a type that it does not know, a property that it does not know", async () => {
      const cloud = await open();
      const deploy = (Resources: object) => {
        writeAssembly(assemblyDir(), { Films: { template: { Resources } } });
        return cloud.deploy({ assemblyDir: assemblyDir() });
      };

      await expect(deploy({ Jobs: { Type: "AWS::SQS::Kew" } })).rejects.toMatchObject({
        code: "resource-type-unknown",
        message: expect.stringMatching(/Stack Films: Jobs .*AWS::SQS::Kew.*AWS::SQS::Queue/),
      });
      await expect(deploy(queueTemplate({ DelaySecond: 1 }).Resources)).rejects.toMatchObject({
        code: "property-unknown",
        message: expect.stringMatching(/Stack Films: Jobs .*DelaySecond .*DelaySeconds/),
      });
    });
  });
});
