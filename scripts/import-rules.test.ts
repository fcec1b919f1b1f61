import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

/**
 * Plants one violation of every rule in a small copy of the house and runs the real configuration
 * over it. A parser that sees no modules, or a pattern that matches nothing, fails here.
 */
const root = dirname(import.meta.dirname);
let house: string;
let found: Map<string, string[]>;
let modules: number;

const planted: Record<string, string> = {
  "contracts/index.ts": "export const contract = 1;",
  "contracts/looks-out.ts": 'import "../client/index.ts";',
  "client/index.ts": "export const client = 1;",
  "client/looks-out.ts": 'import "../cli/start.ts";',
  "cli/start.ts": "export const start = 1;",
  "cli/looks-out.ts": 'import "../infra/app.ts";',
  "infra/app.ts": "export const app = 1;",
  "infra/looks-out.ts": 'import "../contracts/index.ts";',
  "web/main.ts": "export const page = 1;",
  "web/looks-out.ts": 'import "../cli/start.ts";',
  "load_tests/bench.ts": "export const bench = 1;",
  "load_tests/looks-out.ts": 'import "../web/main.ts";',
  "localstack/cloud/index.ts": "export const cloud = 1;",
  "localstack/cloud/knows-sluice.ts": 'import "../../contracts/index.ts";',
  "localstack/edge/index.ts": 'import "../cloud/index.ts";',
  "localstack/edge/knows-sluice.ts": 'import "../../contracts/index.ts";',
  "functions/looks-out.ts": 'import "../localstack/cloud/index.ts";',
  "functions/a/domain/rule.ts": "export const rule = 1;",
  "functions/a/domain/looks-outward.ts": 'import "../adapters/s3-store.ts";',
  "functions/a/domain/uses-sdk.ts":
    'import { S3Client } from "@aws-sdk/client-s3";\nnew S3Client();',
  "functions/a/domain/uses-node.ts": 'import { readFileSync } from "node:fs";\nreadFileSync("");',
  "functions/a/adapters/s3-store.ts":
    'import { rule } from "../domain/rule.ts";\nexport const s = rule;',
  "functions/a/adapters/looks-up.ts":
    'import type { H } from "../handlers/get.ts";\nexport type X = H;',
  "functions/a/handlers/get.ts": "export type H = 1;",
  "functions/a/circle-1.ts": 'import "./circle-2.ts";\nexport const one = 1;',
  "functions/a/circle-2.ts": 'import "./circle-1.ts";\nexport const two = 2;',
  "functions/a/missing.ts": 'import "./nowhere.ts";',
  "functions/a/undeclared.ts": 'import { expect } from "vitest";\nexpect(1);',
};

beforeAll(() => {
  mkdirSync(join(root, "test-results"), { recursive: true });
  house = mkdtempSync(join(root, "test-results", "planted-"));
  for (const [file, text] of Object.entries(planted)) {
    mkdirSync(dirname(join(house, file)), { recursive: true });
    writeFileSync(join(house, file), `${text}\n`);
  }
  writeFileSync(
    join(house, "package.json"),
    JSON.stringify({
      name: "planted",
      type: "module",
      dependencies: { "@aws-sdk/client-s3": "*" },
      devDependencies: { vitest: "*" },
    }),
  );
  const rooms = [
    "contracts",
    "functions",
    "infra",
    "localstack",
    "client",
    "cli",
    "load_tests",
    "web",
  ];
  const result = spawnSync(
    process.execPath,
    [
      join(root, "node_modules", "dependency-cruiser", "bin", "dependency-cruiser.mjs"),
      "--config",
      join(root, ".dependency-cruiser.mjs"),
      "--output-type",
      "json",
      ...rooms,
    ],
    { cwd: house, encoding: "utf8", maxBuffer: 64 * 1024 * 1024 },
  );
  const report = JSON.parse(result.stdout) as {
    modules: unknown[];
    summary: { violations: { from: string; rule: { name: string } }[] };
  };
  modules = report.modules.length;
  found = new Map();
  for (const { from, rule } of report.summary.violations) {
    found.set(rule.name, [...(found.get(rule.name) ?? []), from]);
  }
});

afterAll(() => rmSync(house, { recursive: true, force: true }));

describe("rules between rooms", () => {
  test("every planted module is seen", () => {
    expect(modules).toBeGreaterThanOrEqual(Object.keys(planted).length);
  });

  test.each([
    ["contracts-imports-only-itself", "contracts/looks-out.ts"],
    ["functions-imports-only-contracts", "functions/looks-out.ts"],
    ["infra-imports-only-itself", "infra/looks-out.ts"],
    ["cloud-imports-only-itself", "localstack/cloud/knows-sluice.ts"],
    ["edge-imports-only-cloud", "localstack/edge/knows-sluice.ts"],
    ["client-imports-only-contracts", "client/looks-out.ts"],
    ["cli-imports-only-contracts-client-cloud-edge-web", "cli/looks-out.ts"],
    ["web-imports-only-contracts-client", "web/looks-out.ts"],
    ["load_tests-imports-only-contracts-functions-client-cli", "load_tests/looks-out.ts"],
    ["domain-imports-inward-only", "functions/a/domain/looks-outward.ts"],
    ["domain-imports-inward-only", "functions/a/domain/uses-sdk.ts"],
    ["domain-has-no-node", "functions/a/domain/uses-node.ts"],
    ["nothing-imports-a-handler", "functions/a/adapters/looks-up.ts"],
    ["adapters-import-no-handler", "functions/a/adapters/looks-up.ts"],
    ["no-cycles", "functions/a/circle-1.ts"],
    ["no-unresolvable", "functions/a/missing.ts"],
    ["declared-dependencies-only", "functions/a/undeclared.ts"],
  ])("%s finds %s", (rule, file) => {
    expect(found.get(rule) ?? []).toContain(file);
  });

  test("what is allowed is left alone", () => {
    const offenders = [...found.values()].flat();

    expect(offenders).not.toContain("localstack/edge/index.ts");
    expect(offenders).not.toContain("functions/a/adapters/s3-store.ts");
  });
});
