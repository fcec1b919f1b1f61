import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { z } from "zod";
import { openCloud } from "./open-cloud.ts";
import { startMark } from "./processes/process-table.ts";
import { writeAssembly } from "./test-assembly.ts";

/** A secret and a database: the smallest app that needs a process of its own. */
const template = {
  Resources: {
    Secret: {
      Type: "AWS::SecretsManager::Secret",
      Properties: {
        GenerateSecretString: {
          SecretStringTemplate: '{"username":"films"}',
          GenerateStringKey: "password",
          ExcludePunctuation: true,
        },
      },
    },
    Cluster: {
      Type: "AWS::RDS::DBCluster",
      Properties: {
        Engine: "aurora-postgresql",
        DatabaseName: "films",
        MasterUsername: "films",
        MasterUserPassword: {
          "Fn::Join": [
            "",
            ["{{resolve:secretsmanager:", { Ref: "Secret" }, ":SecretString:password::}}"],
          ],
        },
        EnableHttpEndpoint: true,
      },
    },
  },
  Outputs: { ClusterArn: { Value: { "Fn::GetAtt": ["Cluster", "DBClusterArn"] } } },
};

const ready = z.object({ endpoint: z.string(), outputs: z.unknown() });
const journal = z.object({ groups: z.array(z.object({ groupId: z.number() })) });

describe("kill -9 of the process that hosts the cloud", () => {
  let home: string;
  let host: ChildProcess | undefined;
  beforeEach(() => {
    home = mkdtempSync(path.join(tmpdir(), "cloud-kill-"));
    writeAssembly(path.join(home, "cdk.out"), { Films: { template } });
  });
  afterEach(() => {
    host?.kill("SIGKILL");
    rmSync(home, { recursive: true, force: true });
  });

  it("leaves no process behind, and the next start has everything again", async () => {
    // Prepare
    const dataDir = path.join(home, "data");
    const assemblyDir = path.join(home, "cdk.out");
    const module = new URL("./open-cloud.ts", import.meta.url).href;
    const hosting = spawn(
      process.execPath,
      [
        "--input-type=module",
        "-e",
        `const { openCloud } = await import(${JSON.stringify(module)});
         const [dataDir, assemblyDir] = process.argv.slice(1);
         const cloud = await openCloud({ dataDir, port: 0 });
         const { outputs } = await cloud.deploy({ assemblyDir });
         console.log(JSON.stringify({ endpoint: cloud.endpoint, outputs }));`,
        dataDir,
        assemblyDir,
      ],
      { stdio: ["ignore", "pipe", "inherit"] },
    );
    host = hosting;
    const [line] = await once(createInterface(hosting.stdout), "line");
    const before = ready.parse(JSON.parse(String(line)));
    const { groups } = journal.parse(
      JSON.parse(readFileSync(path.join(dataDir, "processes/groups.json"), "utf8")),
    );
    expect(groups.length).toBeGreaterThan(0);

    // Act
    hosting.kill("SIGKILL");
    await once(hosting, "exit");

    // Assess
    await vi.waitFor(
      async () => {
        for (const { groupId } of groups) expect(await startMark(groupId)).toBeUndefined();
      },
      { timeout: 10_000, interval: 20 },
    );
    const cloud = await openCloud({ dataDir, port: 0 });
    const { outputs } = await cloud.deploy({ assemblyDir });
    expect(outputs).toEqual(before.outputs);
    await cloud.close();
  });
});
