import { InvokeCommand } from "@aws-sdk/client-lambda";
import { afterEach, describe, expect, it, vi } from "vitest";
import { ManualClock } from "../clock.ts";
import { type LambdaFixture, openLambda } from "./lambda-fixture.ts";

let cloud: LambdaFixture;
afterEach(() => cloud.close());

const invoke = async (FunctionName: string) => {
  const { Payload } = await cloud.lambda.send(new InvokeCommand({ FunctionName }));
  return JSON.parse(Payload?.transformToString() ?? "");
};

describe("execution environments", () => {
  it("end when they had nothing to do for their time", async () => {
    // Prepare
    const clock = new ManualClock();
    cloud = await openLambda({ clock, idleMs: 10_000 });
    await cloud.makeFunction("idle", "export const handler = async () => process.pid;");
    const first = await invoke("idle");

    // Act
    clock.advance(9_999);
    const second = await invoke("idle");
    clock.advance(10_000);
    const third = await invoke("idle");

    // Assess
    expect(second).toBe(first);
    expect(third).not.toBe(first);
  });

  it("are made up to the host's share; above it calls wait instead of failing", async () => {
    // Prepare
    cloud = await openLambda({ hostConcurrency: () => 2 });
    await cloud.makeFunction(
      "shared",
      "export const handler = async () => { await new Promise((r) => setTimeout(r, 100)); return process.pid; };",
    );

    // Act
    const pids = await Promise.all(Array.from({ length: 8 }, () => invoke("shared")));

    // Assess
    expect(new Set(pids).size).toBe(2);
  });

  it("time out by the clock of the cloud, whatever the function does", async () => {
    // Prepare
    const clock = new ManualClock();
    cloud = await openLambda({ clock });
    await cloud.makeFunction("stuck", "export const handler = async () => { for (;;) {} };", {
      Timeout: 900,
    });

    // Act
    const answer = invoke("stuck");
    await vi.waitFor(() => expect(cloud.log.join()).toContain("START"), { timeout: 20_000 });
    clock.advance(900_000);

    // Assess
    expect((await answer).errorMessage).toMatch(/Task timed out after 900\.00 seconds/);
  });
});
