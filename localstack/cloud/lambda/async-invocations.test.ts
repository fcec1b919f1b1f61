import { InvokeCommand } from "@aws-sdk/client-lambda";
import { ReceiveMessageCommand } from "@aws-sdk/client-sqs";
import { afterEach, describe, expect, it, vi } from "vitest";
import { ManualClock } from "../clock.ts";
import { type LambdaFixture, openLambda } from "./lambda-fixture.ts";

let cloud: LambdaFixture;
afterEach(() => cloud.close());

const failing = `export const handler = async (event) => { throw new Error("no " + event.n); };`;

const invokeEvent = (FunctionName: string, event: object) =>
  cloud.lambda.send(
    new InvokeCommand({
      FunctionName,
      InvocationType: "Event",
      Payload: Buffer.from(JSON.stringify(event)),
    }),
  );

const attempts = () => cloud.log.filter((line) => line.startsWith("START ")).length;

const receive = async (QueueUrl: string) =>
  (
    await cloud.sqs.send(
      new ReceiveMessageCommand({
        QueueUrl,
        WaitTimeSeconds: 20,
        MessageAttributeNames: ["All"],
      }),
    )
  ).Messages?.[0];

const eventually = (check: () => void) => vi.waitFor(check, { timeout: 20_000, interval: 10 });

describe("an asynchronous invocation", () => {
  it("is tried again after one and two minutes, then becomes a dead letter", async () => {
    // Prepare
    const clock = new ManualClock();
    const schedule = vi.spyOn(clock, "schedule");
    cloud = await openLambda({ clock });
    await cloud.service.start();
    const dead = await cloud.put("AWS::SQS::Queue", "dead", {});
    await cloud.makeFunction("fails", failing, {
      Timeout: 7,
      DeadLetterConfig: { TargetArn: dead.attributes.Arn },
    });

    // Act
    const { StatusCode } = await invokeEvent("fails", { n: 1 });
    for (const [retry, ms] of [60_000, 120_000].entries()) {
      await eventually(() => expect(schedule).toHaveBeenCalledWith(ms, expect.anything()));
      expect(attempts()).toBe(retry + 1);
      clock.advance(ms - 1);
      expect(attempts()).toBe(retry + 1);
      clock.advance(1);
    }
    const letter = await receive(dead.physicalId);

    // Assess
    expect(StatusCode).toBe(202);
    expect(letter?.Body).toBe('{"n":1}');
    expect(letter?.MessageAttributes?.ErrorMessage?.StringValue).toBe("no 1");
    expect(attempts()).toBe(3);
  });

  it("leaves its outcome at the destinations of the function", async () => {
    // Prepare
    cloud = await openLambda();
    await cloud.service.start();
    const good = await cloud.put("AWS::SQS::Queue", "good", {});
    const bad = await cloud.put("AWS::SQS::Queue", "bad", {});
    await cloud.makeFunction(
      "both",
      `export const handler = async ({ fail }) => { if (fail) throw new Error("asked to"); return { ok: true }; };`,
    );
    await cloud.put("AWS::Lambda::EventInvokeConfig", "config", {
      FunctionName: "both",
      Qualifier: "$LATEST",
      MaximumRetryAttempts: 0,
      DestinationConfig: {
        OnSuccess: { Destination: good.attributes.Arn },
        OnFailure: { Destination: bad.attributes.Arn },
      },
    });

    // Act
    await invokeEvent("both", { fail: false });
    await invokeEvent("both", { fail: true });
    const success = JSON.parse((await receive(good.physicalId))?.Body ?? "");
    const failure = JSON.parse((await receive(bad.physicalId))?.Body ?? "");

    // Assess
    expect(success).toMatchObject({
      requestContext: { condition: "Success", approximateInvokeCount: 1 },
      responsePayload: { ok: true },
    });
    expect(failure).toMatchObject({
      requestContext: { condition: "RetriesExhausted" },
      requestPayload: { fail: true },
      responsePayload: { errorMessage: "asked to" },
    });
  });

  it("runs again when its record could not be kept, so that the record is not lost", async () => {
    // Prepare
    const clock = new ManualClock(Date.now());
    const schedule = vi.spyOn(clock, "schedule");
    cloud = await openLambda({ clock });
    await cloud.service.start();
    const done = await cloud.put("AWS::SQS::Queue", "done", {});
    await cloud.makeFunction("kept", `export const handler = async (event) => event;`, {
      Timeout: 7,
    });
    await cloud.put("AWS::Lambda::EventInvokeConfig", "config", {
      FunctionName: "kept",
      DestinationConfig: { OnSuccess: { Destination: done.attributes.Arn } },
    });
    vi.spyOn(cloud.sqsService, "send").mockRejectedValueOnce(new Error("database or disk is full"));

    // Act
    await invokeEvent("kept", { n: 1 });
    await eventually(() => expect(schedule).toHaveBeenCalledWith(60_000, expect.anything()));
    clock.advance(60_000);

    // Assess
    expect(JSON.parse((await receive(done.physicalId))?.Body ?? "").requestPayload).toEqual({
      n: 1,
    });
    expect(attempts()).toBe(2);
  });

  it("does not wait behind those of another function", async () => {
    // Prepare: more than are handed out at once, and none of them ends
    cloud = await openLambda();
    await cloud.service.start();
    const done = await cloud.put("AWS::SQS::Queue", "done", {});
    await cloud.makeFunction("slow", `export const handler = () => new Promise(() => {});`, {
      ReservedConcurrentExecutions: 1,
    });
    await cloud.makeFunction("quick", `export const handler = async (event) => event;`);
    await cloud.put("AWS::Lambda::EventInvokeConfig", "config", {
      FunctionName: "quick",
      DestinationConfig: { OnSuccess: { Destination: done.attributes.Arn } },
    });
    for (let nth = 0; nth < 150; nth += 1)
      await cloud.service.invokeAsync("slow", Buffer.from("{}"));

    // Act
    await cloud.service.invokeAsync("quick", Buffer.from('{"n":1}'));

    // Assess
    expect(JSON.parse((await receive(done.physicalId))?.Body ?? "").requestPayload).toEqual({
      n: 1,
    });
  });

  it("is given up unrun when it has waited too long for its turn", async () => {
    // Prepare
    const clock = new ManualClock();
    cloud = await openLambda({ clock });
    const bad = await cloud.put("AWS::SQS::Queue", "bad", {});
    await cloud.makeFunction("late", failing);
    await cloud.put("AWS::Lambda::EventInvokeConfig", "config", {
      FunctionName: "late",
      MaximumEventAgeInSeconds: 60,
      DestinationConfig: { OnFailure: { Destination: bad.attributes.Arn } },
    });
    await cloud.service.invokeAsync("late", Buffer.from('{"n":1}'));
    clock.advance(60_001);

    // Act
    await cloud.service.start();
    const record = JSON.parse((await receive(bad.physicalId))?.Body ?? "");

    // Assess
    expect(record).toMatchObject({
      requestContext: { condition: "EventAgeExceeded", approximateInvokeCount: 0 },
      requestPayload: { n: 1 },
    });
    expect(record).not.toHaveProperty("responsePayload");
    expect(attempts()).toBe(0);
  });

  it("outlives the cloud that took it", async () => {
    // Prepare: taken, but not begun
    const first = await openLambda();
    const done = await first.put("AWS::SQS::Queue", "done", {});
    await first.makeFunction("kept", `export const handler = async (event) => event;`);
    await first.put("AWS::Lambda::EventInvokeConfig", "config", {
      FunctionName: "kept",
      DestinationConfig: { OnSuccess: { Destination: done.attributes.Arn } },
    });
    await first.service.invokeAsync("kept", Buffer.from('{"n":1}'));
    await first.close({ keep: true });

    // Act
    cloud = await openLambda({ dataDir: first.dataDir });
    await cloud.service.start();

    // Assess
    const url = done.physicalId.replace(/^http:\/\/[^/]+/, "http://anywhere");
    expect(JSON.parse((await receive(url))?.Body ?? "").requestPayload).toEqual({ n: 1 });
  });

  it("refuses more than 1 MB", async () => {
    // Prepare
    cloud = await openLambda();
    await cloud.makeFunction("any", "export const handler = async () => {};");

    // Act and assess
    await expect(invokeEvent("any", { pad: "x".repeat(1_048_576) })).rejects.toMatchObject({
      $metadata: { httpStatusCode: 413 },
    });
  });
});
