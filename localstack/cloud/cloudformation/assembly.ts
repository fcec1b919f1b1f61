import { readFileSync } from "node:fs";
import path from "node:path";
import { z } from "zod";
import { StartError } from "../aws-error.ts";
import { orderByDependencies } from "./dependencies.ts";
import { parseTemplate, type Template } from "./template.ts";

export interface Assembly {
  /** Every stack after the stacks it depends on. */
  readonly stacks: readonly AssemblyStack[];
}

export interface AssemblyStack {
  readonly name: string;
  readonly dependsOn: readonly string[];
  readonly template: Template;
  /** Values of parameters that the app itself gives. */
  readonly parameters: Readonly<Record<string, string>>;
  /** Absolute path in the assembly, by the key that the asset would have in the bootstrap bucket. */
  readonly assets: ReadonlyMap<string, string>;
}

// What CDK writes is read loosely: it grows with each release, and what we do not read has no effect
// on the stacks. https://github.com/aws/aws-cdk-cli, cloud-assembly-schema.
const manifestSchema = z.object({
  artifacts: z.record(
    z.string(),
    z.object({
      type: z.string(),
      dependencies: z.array(z.string()).default([]),
      properties: z.record(z.string(), z.unknown()).default({}),
    }),
  ),
});

const stackPropertiesSchema = z.object({
  templateFile: z.string(),
  stackName: z.string().optional(),
  parameters: z.record(z.string(), z.string()).default({}),
});

const assetManifestSchema = z.object({
  files: z
    .record(
      z.string(),
      z.object({
        source: z.object({ path: z.string().optional() }),
        destinations: z.record(z.string(), z.object({ objectKey: z.string() })),
      }),
    )
    .default({}),
});

/**
 * Reads what `cdk synth` wrote.
 *
 * @throws StartError `assembly-unreadable`, `assembly-nested`, `template-invalid`
 */
export function readAssembly(assemblyDir: string): Assembly {
  const root = path.resolve(assemblyDir);
  const manifest = readJson(path.join(root, "manifest.json"), manifestSchema);
  const artifacts = Object.entries(manifest.artifacts);

  const nested = artifacts.find(([, artifact]) => artifact.type === "cdk:cloud-assembly");
  if (nested) {
    throw new StartError(
      "assembly-nested",
      `The assembly ${root} holds the stage ${nested[0]}. Stages are not read: give the directory of ` +
        "the stage itself, inside the assembly.",
    );
  }

  const assetFiles = new Map<string, string>();
  for (const [, artifact] of artifacts) {
    if (artifact.type !== "cdk:asset-manifest") continue;
    const { file } = z.object({ file: z.string() }).parse(artifact.properties);
    for (const [key, source] of readAssetManifest(root, file)) assetFiles.set(key, source);
  }

  const stackNames = new Map<string, string>();
  for (const [id, artifact] of artifacts) {
    if (artifact.type !== "aws:cloudformation:stack") continue;
    stackNames.set(id, stackPropertiesSchema.parse(artifact.properties).stackName ?? id);
  }

  const stacks = new Map<string, AssemblyStack>();
  for (const [id, artifact] of artifacts) {
    const name = stackNames.get(id);
    if (name === undefined) continue;
    const { templateFile, parameters } = stackPropertiesSchema.parse(artifact.properties);
    stacks.set(name, {
      name,
      dependsOn: artifact.dependencies.flatMap((dependency) => stackNames.get(dependency) ?? []),
      template: parseTemplate(name, readJson(path.join(root, templateFile), z.unknown())),
      parameters,
      assets: assetFiles,
    });
  }

  const order = orderByDependencies(
    [...stacks.keys()],
    (name) => stacks.get(name)?.dependsOn ?? [],
    "The stacks depend on each other in a circle",
  );
  return { stacks: order.flatMap((name) => stacks.get(name) ?? []) };
}

function readAssetManifest(root: string, file: string): [key: string, source: string][] {
  const { files } = readJson(path.join(root, file), assetManifestSchema);
  return Object.values(files).flatMap(({ source, destinations }) => {
    if (source.path === undefined) return [];
    const absolute = path.resolve(root, path.dirname(file), source.path);
    return Object.values(destinations).map(({ objectKey }): [string, string] => [
      objectKey,
      absolute,
    ]);
  });
}

function readJson<T>(file: string, schema: z.ZodType<T>): T {
  try {
    return schema.parse(JSON.parse(readFileSync(file, "utf8")));
  } catch (error) {
    const reason =
      error instanceof z.ZodError
        ? `${error.issues[0]?.path.join(".")}: ${error.issues[0]?.message}`
        : error instanceof Error
          ? error.message
          : String(error);
    throw new StartError(
      "assembly-unreadable",
      `${file} cannot be read as part of a CDK assembly (${reason}). Run \`cdk synth\` again.`,
    );
  }
}
