import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import {
  GetFunctionCommand,
  GetFunctionConfigurationCommand,
  InvokeCommand,
  type InvokeCommandInput,
  ListFunctionsCommand,
} from "@aws-sdk/client-lambda";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
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

const alive = (pid: number) => {
  try {
    // A zombie answers signals too, so ask the kernel for its state.
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
};

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

  it("reports what was thrown as Lambda does, and keeps the environment", async () => {
    // Prepare
    await cloud.makeFunction(
      "thrower",
      `export const handler = async ({ kind }) => {
        if (kind === "error") throw new RangeError("too far");
        if (kind === "text") throw "only text";
        return process.pid;
      };`,
    );

    // Act
    const { result: before } = await invoke("thrower");
    const error = await invoke("thrower", { kind: "error" });
    const text = await invoke("thrower", { kind: "text" });

    // Assess
    expect(error.FunctionError).toBe("Unhandled");
    expect(error.result).toMatchObject({ errorType: "RangeError", errorMessage: "too far" });
    expect(error.result.trace[0]).toBe("RangeError: too far");
    expect(text.result).toEqual({ errorType: "string", errorMessage: "only text", trace: [] });
    expect((await invoke("thrower")).result).toBe(before);
  });

  it.each([
    ["exit", "process.exit(7)", "Runtime.ExitError", /exit status 7/],
    ["kill", "process.kill(process.pid, 'SIGKILL')", "Runtime.ExitError", /signal: SIGKILL/],
    [
      "rejection",
      "Promise.reject(new Error('nobody listens')); await new Promise((r) => setTimeout(r, 5000))",
      "Runtime.UnhandledPromiseRejection",
      /Error: nobody listens/,
    ],
    [
      "exception",
      "setTimeout(() => { throw new TypeError('later') }); await new Promise((r) => setTimeout(r, 5000))",
      "TypeError",
      /later/,
    ],
    ["never", "await new Promise(() => {})", "Runtime.NodeJsExit", /before the promise/],
  ])(
    "survives a crash by %s: the next invocation has a new environment",
    async (name, crash, type, message) => {
      // Prepare
      await cloud.makeFunction(
        `crash-${name}`,
        `export const handler = async ({ crash }) => { if (crash) { ${crash}; } return "fine"; };`,
      );
      await invoke(`crash-${name}`);

      // Act
      const crashed = await invoke(`crash-${name}`, { crash: true });
      const next = await invoke(`crash-${name}`);

      // Assess
      expect(crashed.FunctionError).toBe("Unhandled");
      expect(crashed.result.errorType).toBe(type);
      expect(crashed.result.errorMessage).toMatch(message);
      expect(next.result).toBe("fine");
    },
  );

  it.each([
    [
      "a missing module",
      "import 'not-there'; export const handler = 1;",
      "index.handler",
      "Runtime.ImportModuleError",
    ],
    ["a syntax error", "export const handler = (;", "index.handler", "Runtime.UserCodeSyntaxError"],
    [
      "a missing file",
      "export const handler = async () => 1;",
      "main.handler",
      "Runtime.ImportModuleError",
    ],
    [
      "a missing export",
      "export const other = async () => 1;",
      "index.handler",
      "Runtime.HandlerNotFound",
    ],
    [
      "a throw while loading",
      "throw new Error('no table'); export const handler = 1;",
      "index.handler",
      "Error",
    ],
    [
      "a callback on nodejs24.x",
      "export const handler = (a, b, c) => c();",
      "index.handler",
      "Runtime.CallbackHandlerDeprecated",
    ],
  ])("says what is wrong with the code: %s", async (title, code, Handler, errorType) => {
    // Prepare
    const name = `init-${title.replaceAll(/[^a-z0-9]+/g, "-")}`;
    await cloud.makeFunction(name, code, { Handler });

    // Act
    const answer = await invoke(name);

    // Assess
    expect(answer.FunctionError).toBe("Unhandled");
    expect(answer.result.errorType).toBe(errorType);
  });

  it("ends at its timeout with everything that it started", async () => {
    // Prepare
    await cloud.makeFunction(
      "slow",
      `import { spawn } from "node:child_process";
      import { writeFileSync } from "node:fs";
      export const handler = async ({ file }) => {
        if (!file) return "fine";
        const child = spawn("sleep", ["1000"], { stdio: "ignore" });
        writeFileSync(file, String(child.pid));
        await new Promise(() => setInterval(() => {}, 1000));
      };`,
      { Timeout: 1 },
    );
    const file = path.join(cloud.dataDir, "grandchild");

    // Act
    const answer = await invoke("slow", { file });

    // Assess
    expect(answer.result.errorMessage).toMatch(/Task timed out after 1\.00 seconds$/);
    const grandchild = Number(readFileSync(file, "utf8"));
    await vi.waitFor(() => expect(alive(grandchild)).toBe(false), { interval: 10, timeout: 5000 });
    expect((await invoke("slow")).result).toBe("fine");
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

  it("ends when /tmp grows beyond EphemeralStorage", async () => {
    // Prepare
    await cloud.makeFunction(
      "filler",
      `import { truncateSync, writeFileSync } from "node:fs";
      export const handler = async () => {
        writeFileSync(process.env.TMPDIR + "/big", "");
        truncateSync(process.env.TMPDIR + "/big", 513 * 1024 * 1024);
        await new Promise((resolve) => setTimeout(resolve, 30_000));
      };`,
    );

    // Act
    const { result } = await invoke("filler");

    // Assess
    expect(result.errorMessage).toMatch(/more than its 512 MB/);
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

describe("the end", () => {
  it("leaves no process and no temporary file behind", async () => {
    // Prepare
    const other = await openLambda();
    await other.makeFunction(
      "sleeper",
      `export const handler = async () => ({ pid: process.pid, tmp: process.env.TMPDIR });`,
    );
    const { payload } = await other.service.invoke("sleeper", Buffer.from("{}"));
    const { pid, tmp } = JSON.parse(payload.toString());

    // Act
    await other.close({ keep: true });

    // Assess
    expect(alive(pid)).toBe(false);
    expect(existsSync(tmp)).toBe(false);
  });
});
