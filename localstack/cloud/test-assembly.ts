import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";

export interface TestStack {
  readonly template: Readonly<Record<string, unknown>>;
  readonly dependsOn?: readonly string[];
}

/**
 * Writes what `cdk synth` would, for tests: stacks by name, and assets as directories of files by
 * object key.
 */
export function writeAssembly(
  dir: string,
  stacks: Readonly<Record<string, TestStack>>,
  assets: Readonly<Record<string, Readonly<Record<string, string>>>> = {},
): void {
  const write = (file: string, content: string) => {
    mkdirSync(path.dirname(path.join(dir, file)), { recursive: true });
    writeFileSync(path.join(dir, file), content);
  };
  const artifacts: Record<string, unknown> = {
    "test.assets": { type: "cdk:asset-manifest", properties: { file: "test.assets.json" } },
  };
  for (const [name, { template, dependsOn = [] }] of Object.entries(stacks)) {
    const templateFile = `${name}.template.json`;
    write(templateFile, JSON.stringify(template));
    artifacts[name] = {
      type: "aws:cloudformation:stack",
      properties: { templateFile },
      dependencies: [...dependsOn, "test.assets"],
    };
  }
  const files: Record<string, unknown> = {};
  for (const [objectKey, content] of Object.entries(assets)) {
    const source = `asset.${objectKey.replace(/\W/g, "-")}`;
    for (const [file, text] of Object.entries(content)) write(path.join(source, file), text);
    files[objectKey] = {
      source: { path: source, packaging: "zip" },
      destinations: { test: { bucketName: "assets", objectKey } },
    };
  }
  write("test.assets.json", JSON.stringify({ version: "48.0.0", files }));
  write("manifest.json", JSON.stringify({ version: "48.0.0", artifacts }));
}
