import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readAssembly } from "./assembly.ts";

describe("reading an assembly", () => {
  let dir: string;
  beforeEach(() => {
    dir = mkdtempSync(path.join(tmpdir(), "cloud-assembly-"));
  });
  afterEach(() => rmSync(dir, { recursive: true, force: true }));
  const write = (file: string, json: unknown) => {
    mkdirSync(path.dirname(path.join(dir, file)), { recursive: true });
    writeFileSync(path.join(dir, file), JSON.stringify(json));
  };
  const stack = (templateFile: string, dependencies: string[] = [], properties = {}) => ({
    type: "aws:cloudformation:stack",
    environment: "aws://unknown-account/unknown-region",
    properties: { templateFile, validateOnSynth: false, ...properties },
    dependencies,
  });

  it("gives stacks after those they depend on, and assets by object key", () => {
    // Prepare
    write("manifest.json", {
      version: "48.0.0",
      artifacts: {
        Tree: { type: "cdk:tree", properties: { file: "tree.json" } },
        App: stack("App.template.json", ["Storage", "App.assets"], { stackName: "films-app" }),
        "App.assets": { type: "cdk:asset-manifest", properties: { file: "App.assets.json" } },
        Storage: stack("Storage.template.json"),
      },
    });
    write("App.assets.json", {
      version: "48.0.0",
      files: {
        abc: {
          displayName: "Function/Code",
          source: { path: "asset.abc", packaging: "zip" },
          destinations: { current: { bucketName: "assets", objectKey: "abc.zip" } },
        },
      },
      dockerImages: {},
    });
    write("App.template.json", { Resources: {} });
    write("Storage.template.json", { Resources: { A: { Type: "T" } } });

    // Act
    const { stacks } = readAssembly(dir);

    // Assess
    expect(stacks.map(({ name, dependsOn }) => ({ name, dependsOn }))).toEqual([
      { name: "Storage", dependsOn: [] },
      { name: "films-app", dependsOn: ["Storage"] },
    ]);
    expect(stacks[1]?.assets.get("abc.zip")).toBe(path.join(dir, "asset.abc"));
    expect(stacks[0]?.template.Resources.A?.Type).toBe("T");
  });

  it("says what to do when there is none", () => {
    expect(() => readAssembly(path.join(dir, "cdk.out"))).toThrow("Run `cdk synth` again");
  });

  it("names the place in a template that is not understood", () => {
    write("manifest.json", { artifacts: { S: stack("S.template.json") } });
    write("S.template.json", { Resources: { A: { Type: "T", Propertys: {} } } });

    expect(() => readAssembly(dir)).toThrow(/Stack S: Resources\.A is not understood.*Propertys/);
  });

  it("refuses stages", () => {
    write("manifest.json", {
      artifacts: { "assembly-Prod": { type: "cdk:cloud-assembly", properties: {} } },
    });

    expect(() => readAssembly(dir)).toThrow("holds the stage assembly-Prod");
  });
});
