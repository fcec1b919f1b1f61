import { createHash } from "node:crypto";
import { globSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import path from "node:path";
import { z } from "zod";
import { repositoryRoot } from "../paths.ts";
import type { TargetName } from "../targets.ts";
import { Templates } from "./templates.ts";

const synthesizedSchema = z.strictObject({
  /** In the order in which they are deployed. */
  stackNames: z.array(z.string()),
  templates: z.record(z.string(), z.json()).transform((byStack) => new Templates(byStack)),
  /** The app's own warnings and errors, as the command line would show them. */
  messages: z.array(z.string()),
});
type Synthesized = z.infer<typeof synthesizedSchema>;

const cdkJsonSchema = z.looseObject({ context: z.record(z.string(), z.json()) });
const digest = digestOfIngredients();

/**
 * The app as it is synthesized for each target. Every test file asks, and the CDK with its
 * validation takes seconds each time, so the answer is kept by what it is made of.
 */
export const apps: Readonly<Record<TargetName, Synthesized>> = {
  embedded: await synthesized("embedded"),
  localstack: await synthesized("localstack"),
  aws: await synthesized("aws"),
};

async function synthesized(target: TargetName): Promise<Synthesized> {
  const directory = path.join(repositoryRoot, "node_modules/.cache/sluice-infra");
  const file = path.join(directory, `${digest}-${target}.json`);
  return synthesizedSchema.parse(JSON.parse(read(file) ?? (await make(target, file))));
}

async function make(target: TargetName, file: string): Promise<string> {
  const { synthesize } = await import("./synthesize.ts");
  const cdkJson = readFileSync(path.join(repositoryRoot, "cdk.json"), "utf8");
  const text = JSON.stringify(synthesize(target, cdkJsonSchema.parse(JSON.parse(cdkJson)).context));
  mkdirSync(path.dirname(file), { recursive: true });
  // By rename: another worker may be reading.
  writeFileSync(`${file}.${process.pid}`, text);
  renameSync(`${file}.${process.pid}`, file);
  return text;
}

/** A digest of everything that a template can depend on. */
function digestOfIngredients(): string {
  const hash = createHash("sha256");
  const files = globSync(
    ["infra/**/*.{ts,js}", "layers/**/*.mjs", "cdk.json", "package-lock.json"],
    {
      cwd: repositoryRoot,
      exclude: ["**/*.test.ts"],
    },
  );
  for (const each of files.sort()) {
    hash
      .update(`${each}\0`)
      .update(readFileSync(path.join(repositoryRoot, each)))
      .update("\0");
  }
  return hash.digest("hex").slice(0, 32);
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}
