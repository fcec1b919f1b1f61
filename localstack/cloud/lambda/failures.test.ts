import { existsSync, readFileSync, rmSync } from "node:fs";
import path from "node:path";
import { InvokeCommand } from "@aws-sdk/client-lambda";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { type LambdaFixture, openLambda } from "./lambda-fixture.ts";

let cloud: LambdaFixture;
beforeAll(async () => {
  cloud = await openLambda();
});
afterAll(() => cloud.close());

async function invoke(FunctionName: string, event: unknown = {}) {
  const { FunctionError, Payload } = await cloud.lambda.send(
    new InvokeCommand({ FunctionName, Payload: Buffer.from(JSON.stringify(event)) }),
  );
  return { FunctionError, result: JSON.parse(Payload?.transformToString() ?? "") };
}

const alive = (pid: number) => {
  try {
    // A zombie answers signals too, so ask the kernel for its state.
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
};

describe("an invocation that fails", () => {
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
    rmSync(other.dataDir, { recursive: true });
  });
});
