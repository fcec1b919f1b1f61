import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { GetObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { z } from "zod";
import { type Cloud, openCloud } from "./open-cloud.ts";
import { startMark } from "./processes/process-table.ts";
import { writeAssembly } from "./test-assembly.ts";

/** Tells `REPORT_URL` the key of each object that it hears of, and answers HTTP with its message. */
const handler = `
  export const handler = async (event) => {
    if (!event.Records) return { statusCode: 200, body: "films at " + event.path };
    for (const record of event.Records) {
      for (const { s3 } of JSON.parse(record.body).Records ?? []) {
        await fetch(process.env.REPORT_URL, { method: "POST", body: s3.object.key });
      }
    }
  };`;

const storage = {
  Resources: {
    Films: {
      Type: "AWS::S3::Bucket",
      DependsOn: "ArrivalsPolicy",
      Properties: {
        NotificationConfiguration: {
          QueueConfigurations: [
            { Event: "s3:ObjectCreated:*", Queue: { "Fn::GetAtt": ["Arrivals", "Arn"] } },
          ],
        },
      },
    },
    Arrivals: { Type: "AWS::SQS::Queue", Properties: { VisibilityTimeout: 60 } },
    ArrivalsPolicy: {
      Type: "AWS::SQS::QueuePolicy",
      Properties: {
        Queues: [{ Ref: "Arrivals" }],
        PolicyDocument: {
          Version: "2012-10-17",
          Statement: [
            {
              Effect: "Allow",
              Principal: { Service: "s3.amazonaws.com" },
              Action: "sqs:SendMessage",
              Resource: { "Fn::GetAtt": ["Arrivals", "Arn"] },
            },
          ],
        },
      },
    },
  },
  Outputs: {
    Bucket: { Value: { Ref: "Films" } },
    QueueArn: {
      Value: { "Fn::GetAtt": ["Arrivals", "Arn"] },
      Export: { Name: "Storage:QueueArn" },
    },
  },
};

const app = {
  Parameters: { ReportUrl: { Type: "String" } },
  Resources: {
    Role: {
      Type: "AWS::IAM::Role",
      Properties: {
        AssumeRolePolicyDocument: {
          Version: "2012-10-17",
          Statement: [
            {
              Effect: "Allow",
              Principal: { Service: "lambda.amazonaws.com" },
              Action: "sts:AssumeRole",
            },
          ],
        },
      },
    },
    Function: {
      Type: "AWS::Lambda::Function",
      Properties: {
        Runtime: "nodejs24.x",
        Handler: "index.handler",
        Timeout: 10,
        Role: { "Fn::GetAtt": ["Role", "Arn"] },
        Code: { S3Bucket: "assets", S3Key: "code.zip" },
        Environment: { Variables: { REPORT_URL: { Ref: "ReportUrl" } } },
      },
    },
    Mapping: {
      Type: "AWS::Lambda::EventSourceMapping",
      Properties: {
        FunctionName: { Ref: "Function" },
        EventSourceArn: { "Fn::ImportValue": "Storage:QueueArn" },
        BatchSize: 1,
      },
    },
    Api: { Type: "AWS::ApiGateway::RestApi", Properties: { Name: "films" } },
    Resource: {
      Type: "AWS::ApiGateway::Resource",
      Properties: {
        RestApiId: { Ref: "Api" },
        ParentId: { "Fn::GetAtt": ["Api", "RootResourceId"] },
        PathPart: "films",
      },
    },
    Method: {
      Type: "AWS::ApiGateway::Method",
      Properties: {
        RestApiId: { Ref: "Api" },
        ResourceId: { Ref: "Resource" },
        HttpMethod: "GET",
        AuthorizationType: "NONE",
        Integration: {
          Type: "AWS_PROXY",
          IntegrationHttpMethod: "POST",
          Uri: {
            "Fn::Join": [
              "",
              [
                "arn:aws:apigateway:",
                { Ref: "AWS::Region" },
                ":lambda:path/2015-03-31/functions/",
                { "Fn::GetAtt": ["Function", "Arn"] },
                "/invocations",
              ],
            ],
          },
        },
      },
    },
    Permission: {
      Type: "AWS::Lambda::Permission",
      Properties: {
        Action: "lambda:InvokeFunction",
        FunctionName: { "Fn::GetAtt": ["Function", "Arn"] },
        Principal: "apigateway.amazonaws.com",
      },
    },
    Deployment: {
      Type: "AWS::ApiGateway::Deployment",
      DependsOn: ["Method"],
      Properties: { RestApiId: { Ref: "Api" } },
    },
    Stage: {
      Type: "AWS::ApiGateway::Stage",
      Properties: {
        RestApiId: { Ref: "Api" },
        DeploymentId: { Ref: "Deployment" },
        StageName: "live",
      },
    },
  },
  Outputs: { ApiId: { Value: { Ref: "Api" } } },
};

const hosted = z.object({ endpoint: z.string(), apiId: z.string() });
const journal = z.object({ groups: z.array(z.object({ groupId: z.number() })) });

describe("a small app on the whole cloud", () => {
  let home: string;
  let reports: Server;
  let reported: string[];
  let opened: Cloud | undefined;
  let host: ChildProcess | undefined;
  const dataDir = () => path.join(home, "data");
  const assemblyDir = () => path.join(home, "cdk.out");
  const parameters = () => ({
    App: { ReportUrl: `http://127.0.0.1:${(reports.address() as AddressInfo).port}/` },
  });

  beforeEach(async () => {
    home = mkdtempSync(path.join(tmpdir(), "cloud-whole-"));
    writeAssembly(
      assemblyDir(),
      { Storage: { template: storage }, App: { template: app, dependsOn: ["Storage"] } },
      { "code.zip": { "index.mjs": handler } },
    );
    reported = [];
    reports = createServer((request, response) => {
      request.setEncoding("utf8").on("data", (key: string) => reported.push(key));
      request.on("end", () => response.end());
    }).listen(0, "127.0.0.1");
    await once(reports, "listening");
  });
  afterEach(async () => {
    host?.kill("SIGKILL");
    await opened?.close();
    opened = undefined;
    reports.close();
    reports.closeAllConnections();
    rmSync(home, { recursive: true, force: true });
  });

  const start = async () => {
    const cloud = await openCloud({ dataDir: dataDir(), port: 0 });
    opened = cloud;
    const { outputs } = await cloud.deploy({
      assemblyDir: assemblyDir(),
      parameters: parameters(),
    });
    const s3 = new S3Client({
      endpoint: cloud.endpoint,
      region: cloud.region,
      // A copy: the SDK writes into what it is given.
      credentials: { ...cloud.credentials },
      forcePathStyle: true,
      maxAttempts: 1,
    });
    const Bucket = outputs.Storage?.Bucket;
    return {
      cloud,
      outputs,
      put: (Key: string) => s3.send(new PutObjectCommand({ Bucket, Key, Body: `the film ${Key}` })),
      get: async (Key: string) => {
        const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
        return Body?.transformToString();
      },
    };
  };
  const callApi = async (endpoint: string, apiId: string | undefined) => {
    const answer = await fetch(`${endpoint}/restapis/${apiId}/live/_user_request_/films`);
    return answer.text();
  };
  const heardOf = (...keys: string[]) =>
    vi.waitFor(() => expect([...new Set(reported)].sort()).toEqual(keys), {
      timeout: 20_000,
      interval: 20,
    });

  it("runs from bucket to queue to function, answers its API, and does so after a restart", async () => {
    // Prepare
    const first = await start();
    await first.put("one");
    await heardOf("one");
    expect(await callApi(first.cloud.endpoint, first.outputs.App?.ApiId)).toBe("films at /films");
    await first.cloud.close();

    // Act
    const second = await start();
    await second.put("two");

    // Assess
    await heardOf("one", "two");
    expect(second.outputs).toEqual(first.outputs);
    expect(await second.get("one")).toBe("the film one");
    expect(await callApi(second.cloud.endpoint, second.outputs.App?.ApiId)).toBe("films at /films");
  });

  it("leaves no process behind after kill -9 of its host, and starts again", async () => {
    // Prepare
    const module = new URL("./open-cloud.ts", import.meta.url).href;
    const hosting = spawn(
      process.execPath,
      [
        "--input-type=module",
        "-e",
        `const { openCloud } = await import(${JSON.stringify(module)});
         const [dataDir, assemblyDir, parameters] = process.argv.slice(1);
         const cloud = await openCloud({ dataDir, port: 0 });
         const { outputs } = await cloud.deploy({ assemblyDir, parameters: JSON.parse(parameters) });
         console.log(JSON.stringify({ endpoint: cloud.endpoint, apiId: outputs.App.ApiId }));`,
        dataDir(),
        assemblyDir(),
        JSON.stringify(parameters()),
      ],
      { stdio: ["ignore", "pipe", "inherit"] },
    );
    host = hosting;
    const [line] = await once(createInterface(hosting.stdout), "line");
    const { endpoint, apiId } = hosted.parse(JSON.parse(String(line)));
    expect(await callApi(endpoint, apiId)).toBe("films at /films");
    const { groups } = journal.parse(
      JSON.parse(readFileSync(path.join(dataDir(), "processes/groups.json"), "utf8")),
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
    const { cloud } = await start();
    expect(await callApi(cloud.endpoint, apiId)).toBe("films at /films");
  });
});
