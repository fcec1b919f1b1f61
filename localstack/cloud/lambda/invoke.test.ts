import { readFileSync } from "node:fs";
import path from "node:path";
import {
  GetFunctionCommand,
  GetFunctionConfigurationCommand,
  InvokeCommand,
  type InvokeCommandInput,
  ListFunctionsCommand,
} from "@aws-sdk/client-lambda";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type LambdaFixture, openLambda } from "./lambda-fixture.ts";

let cloud: LambdaFixture;
beforeAll(async () => {
  cloud = await openLambda();
});
afterAll(() => cloud.close());

async function invoke(
  FunctionName: string,
  event: unknown = {},
  options: Partial<InvokeCommandInput> = {},
) {
  const answer = await cloud.lambda.send(
    new InvokeCommand({ FunctionName, Payload: Buffer.from(JSON.stringify(event)), ...options }),
  );
  const text = answer.Payload?.transformToString() ?? "";
  return { ...answer, result: text === "" ? undefined : JSON.parse(text) };
}

describe("an invocation", () => {
  it("gives the handler its event and context, and answers what it returned", async () => {
    // Prepare
    await cloud.makeFunction(
      "echo",
      `export const handler = async (event, context) => ({
        event,
        name: context.functionName,
        arn: context.invokedFunctionArn,
        memory: context.memoryLimitInMB,
        group: context.logGroupName,
        left: context.getRemainingTimeInMillis(),
        id: context.awsRequestId,
      });`,
      { MemorySize: 256, Timeout: 30 },
    );

    // Act
    const answer = await invoke("echo", { text: "grüße 🎬" });

    // Assess
    expect(answer.FunctionError).toBeUndefined();
    expect(answer.result).toMatchObject({
      event: { text: "grüße 🎬" },
      name: "echo",
      arn: "arn:aws:lambda:us-east-1:000000000000:function:echo",
      memory: "256",
      group: "/aws/lambda/echo",
      id: answer.$metadata.requestId,
    });
    expect(answer.result.left).toBeGreaterThan(20_000);
    expect(answer.result.left).toBeLessThanOrEqual(30_000);
  });

  it("uses a warm environment again, one invocation at a time", async () => {
    // Prepare
    await cloud.makeFunction(
      "warm",
      `let count = 0;
      export const handler = async ({ ms = 0 }) => {
        await new Promise((resolve) => setTimeout(resolve, ms));
        return { pid: process.pid, count: ++count };
      };`,
    );

    // Act
    const first = await invoke("warm");
    const second = await invoke("warm");
    const both = await Promise.all([invoke("warm", { ms: 300 }), invoke("warm", { ms: 300 })]);

    // Assess
    expect(second.result).toEqual({ pid: first.result.pid, count: 2 });
    expect(new Set(both.map(({ result }) => result.pid)).size).toBe(2);
  });

  it("runs CommonJS code, callbacks and inline code", async () => {
    // Prepare
    await cloud.makeFunction(
      "callback",
      {
        "lib/index.js": `exports.nested = { handler: (event, context, callback) => {
          setTimeout(() => { globalThis.late = true; }, 50);
          context.callbackWaitsForEmptyEventLoop = event.wait;
          callback(null, { late: globalThis.late === true });
          globalThis.late = globalThis.late ?? false;
        } };`,
      },
      { Handler: "lib/index.nested.handler", Runtime: "nodejs22.x" },
    );
    await cloud.put("AWS::Lambda::Function", "inline", {
      FunctionName: "inline",
      Handler: "index.handler",
      Runtime: "nodejs20.x",
      Role: "arn:aws:iam::000000000000:role/r",
      Code: { ZipFile: "exports.handler = async () => __filename.split('/').pop();" },
      Timeout: 60,
    });

    // Act
    const waited = await invoke("callback", { wait: true });
    const after = await invoke("callback", { wait: false });

    // Assess
    expect(waited.result).toEqual({ late: false });
    expect(after.result, "the loop was empty before the first answer").toEqual({ late: true });
    expect((await invoke("inline")).result).toBe("index.js");
  });

  it("sees Lambda's environment and nothing of the host's but PATH", async () => {
    // Prepare
    process.env.SECRET_OF_THE_HOST = "leak";
    const layerKey = cloud.makeAsset({ "bin/greet": "#!/bin/sh\necho from the layer\n" });
    const layer = await cloud.put("AWS::Lambda::LayerVersion", "tools", {
      Content: { S3Bucket: "assets", S3Key: layerKey },
    });
    await cloud.makeFunction(
      "environment",
      `import { execFileSync } from "node:child_process";
      import { writeFileSync } from "node:fs";
      import { tmpdir } from "node:os";
      import { resolve } from "node:path";
      export const handler = async () => {
        writeFileSync(resolve(tmpdir(), "mine"), "x");
        return { env: process.env, cwd: process.cwd(), greeting: execFileSync("greet", { encoding: "utf8" }) };
      };`,
      {
        Layers: [layer.physicalId],
        Environment: { Variables: { TABLE: "videos", NODE_OPTIONS: "--enable-source-maps" } },
      },
    );

    // Act
    const { result } = await invoke("environment");

    // Assess
    delete process.env.SECRET_OF_THE_HOST;
    expect(result.greeting).toBe("from the layer\n");
    expect(result.env).toMatchObject({
      TABLE: "videos",
      NODE_OPTIONS: "--enable-source-maps",
      AWS_REGION: "us-east-1",
      AWS_LAMBDA_FUNCTION_NAME: "environment",
      TZ: "UTC",
      LAMBDA_TASK_ROOT: result.cwd,
    });
    expect(result.env.AWS_ENDPOINT_URL).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect(result.env.AWS_ACCESS_KEY_ID).toBeTruthy();
    expect(Object.keys(result.env)).not.toContain("SECRET_OF_THE_HOST");
    expect(Object.keys(result.env)).not.toContain("HOME");
  });

  it("refuses payloads of more than 6 MB, both ways", async () => {
    // Prepare
    await cloud.makeFunction(
      "large",
      `export const handler = async ({ bytes }) => "x".repeat(bytes);`,
      { MemorySize: 1024 },
    );

    // Act
    const answered = await invoke("large", { bytes: 6_000_000 });
    const tooMuch = await invoke("large", { bytes: 6_300_000 });
    const refused = await invoke("large", { pad: "x".repeat(6_291_456) }).catch((error) => error);

    // Assess
    expect(answered.result).toHaveLength(6_000_000);
    expect(tooMuch.result.errorType).toBe("Function.ResponseSizeTooLarge");
    expect(refused.$metadata.httpStatusCode).toBe(413);
  });

  it("logs with request ids and answers the tail", async () => {
    // Prepare
    await cloud.makeFunction(
      "talker",
      `export const handler = async () => { console.log("hello %s", "there"); console.error({ a: 1 }); process.stdout.write("raw"); };`,
    );

    // Act
    const answer = await invoke("talker", {}, { LogType: "Tail" });

    // Assess
    const id = answer.$metadata.requestId ?? "";
    const tail = Buffer.from(answer.LogResult ?? "", "base64").toString();
    expect(tail).toContain(`START RequestId: ${id}`);
    expect(tail).toMatch(new RegExp(`\\t${id}\\tINFO\\thello there\\n`));
    expect(tail).toMatch(new RegExp(`\\t${id}\\tERROR\\t\\{ a: 1 \\}\\n`));
    expect(tail).toMatch(
      new RegExp(`raw\\nEND RequestId: ${id}\\nREPORT RequestId: ${id}\\tDuration: `),
    );
    const file = readFileSync(path.join(cloud.dataDir, "logs", "talker.log"), "utf8");
    expect(file).toMatch(new RegExp(`^\\S+Z ${id} raw$`, "m"));
  });

  it("answers 429 above the reserved concurrency and runs nothing at zero", async () => {
    // Prepare
    const code = `export const handler = async () => new Promise((resolve) => setTimeout(resolve, 500));`;
    await cloud.makeFunction("one", code, { ReservedConcurrentExecutions: 1 });
    await cloud.makeFunction("none", code, { ReservedConcurrentExecutions: 0 });

    // Act
    const both = await Promise.allSettled([invoke("one"), invoke("one")]);

    // Assess
    expect(both.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    await expect(invoke("none")).rejects.toMatchObject({ name: "TooManyRequestsException" });
  });

  it("runs new code once the function changed", async () => {
    // Prepare
    await cloud.makeFunction("changing", "export const handler = async () => 1;");
    const before = await invoke("changing");

    // Act
    await cloud.makeFunction("changing", "export const handler = async () => 2;");

    // Assess
    expect([before.result, (await invoke("changing")).result]).toEqual([1, 2]);
  });
});

describe("the API", () => {
  it("shows functions, dry-runs, and knows what is missing", async () => {
    // Prepare
    const arn = await cloud.makeFunction("shown", "export const handler = async () => 1;", {
      Description: "to be seen",
    });

    // Act
    const { Functions } = await cloud.lambda.send(new ListFunctionsCommand());
    const { Configuration } = await cloud.lambda.send(
      new GetFunctionCommand({ FunctionName: arn }),
    );
    const configuration = await cloud.lambda.send(
      new GetFunctionConfigurationCommand({ FunctionName: "shown" }),
    );
    const dry = await invoke("shown", {}, { InvocationType: "DryRun" });

    // Assess
    expect(Functions?.map((it) => it.FunctionName)).toContain("shown");
    expect(Configuration).toMatchObject({ State: "Active", Description: "to be seen" });
    expect(configuration.FunctionArn).toBe(arn);
    expect(dry.StatusCode).toBe(204);
    await expect(invoke("absent")).rejects.toMatchObject({ name: "ResourceNotFoundException" });
  });

  it("answers nobody who does not sign, neither here nor at SQS", async () => {
    // Act
    const functions = await fetch(`${cloud.endpoint}/2015-03-31/functions`);
    const queues = await fetch(cloud.endpoint, {
      method: "POST",
      headers: { "x-amz-target": "AmazonSQS.ListQueues" },
      body: "{}",
    });

    // Assess
    expect([functions.status, queues.status]).toEqual([403, 403]);
    expect(await queues.text()).toContain("MissingAuthenticationToken");
  });

  it("refuses what it cannot run, with a reason", async () => {
    await expect(cloud.makeFunction("python", "", { Runtime: "python3.13" })).rejects.toThrow(
      /this host runs nodejs20\.x, nodejs22\.x, nodejs24\.x, not python3\.13/,
    );
    await expect(
      cloud.makeFunction("reserved", "", { Environment: { Variables: { AWS_REGION: "x" } } }),
    ).rejects.toThrow(/AWS_REGION is reserved/);
    await expect(cloud.makeFunction("typo", "", { MemorySise: 128 })).rejects.toThrow(/MemorySise/);
  });
});
