import { expect, it } from "vitest";
import { dispatchedBy, targetNamed, targetNames } from "./targets.ts";
import { apps } from "./testing/synthesized.ts";
import { at } from "./testing/templates.ts";

it("takes the target that costs nothing when none is named", () => {
  expect(targetNamed(undefined).name).toBe("embedded");
});

it("says in one sentence which targets there are", () => {
  expect(() => targetNamed("azure")).toThrow(
    'Unknown target "azure": use -c target=embedded or -c target=localstack or -c target=aws.',
  );
});

it.each([
  [1, 2],
  [2, 2],
  [16, 16],
])("runs one encoder a processor on one machine: %i gives %i", (cpus, concurrency) => {
  expect(targetNamed("embedded", { cpus, arch: "x64" }).transcodeConcurrency).toBe(concurrency);
});

it.each([
  ["arm64", "linux-arm64"],
  ["x64", "linux-x64"],
])("takes for LocalStack the static build of the machine: %s", (arch, variant) => {
  expect(targetNamed("localstack", { cpus: 2, arch }).ffmpegVariant).toBe(variant);
});

it("pulls unless it is told to push", () => {
  const target = targetNamed("aws");
  expect(dispatchedBy(target, undefined).defaultDispatch).toBe("pull");
  expect(dispatchedBy(target, "push").defaultDispatch).toBe("push");
});

it.each(targetNames)("synthesizes %s without a warning", (name) => {
  expect(apps[name].messages).toEqual([]);
});

it("keeps videos when an AWS stack is deleted, and nothing of an embedded one", () => {
  const fates = (name: "aws" | "embedded", type: string) =>
    Object.values(apps[name].templates.byStack)
      .flatMap(({ Resources }) => Object.values(Resources))
      .filter((resource) => resource.Type === type)
      .map((resource) => resource.DeletionPolicy);

  expect(new Set(fates("aws", "AWS::S3::Bucket"))).toEqual(new Set(["Retain"]));
  expect(fates("aws", "AWS::RDS::DBCluster")).toEqual(["Snapshot"]);
  expect(new Set(fates("embedded", "AWS::S3::Bucket"))).toEqual(new Set(["Delete"]));
});

it("never lets the encoders of AWS take all of an account's functions", () => {
  // Act
  const pulling = apps.aws.templates
    .all("AWS::Lambda::EventSourceMapping")
    .map(({ properties }) => Number(at(properties.ScalingConfig, "MaximumConcurrency")));
  const pushed = apps.aws.templates
    .all("AWS::Lambda::Function")
    .map(({ properties }) => Number(properties.ReservedConcurrentExecutions ?? 0));
  const limits = [...pulling, ...pushed];

  // Assess: an account has 1,000 unless it asked for more.
  expect(limits).toContain(50);
  expect(limits.reduce((sum, limit) => sum + limit, 0)).toBeLessThan(500);
});
