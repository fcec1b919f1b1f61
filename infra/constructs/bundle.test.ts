import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { bundle } from "./bundle.ts";

let directory = "";
beforeAll(() => {
  directory = mkdtempSync(path.join(tmpdir(), "sluice-bundle-"));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

it("brings everything along: TypeScript, SQL as text, and CommonJS that requires Node modules", () => {
  // Prepare
  writeFileSync(path.join(directory, "schema.sql"), "SELECT 1;");
  writeFileSync(
    path.join(directory, "old.cjs"),
    "exports.separator = require('path').sep; exports.platform = require('node:os').EOL;",
  );
  writeFileSync(
    path.join(directory, "entry.ts"),
    `import schema from "./schema.sql"; import { separator } from "./old.cjs";
     export const handler = async (): Promise<string> => schema + separator;`,
  );
  const outfile = path.join(directory, "out", "index.mjs");

  // Act
  bundle(path.join(directory, "entry.ts"), outfile);

  // Assess
  const run = `import(${JSON.stringify(outfile)}).then((m) => m.handler()).then(console.log)`;
  const printed = execFileSync(process.execPath, ["--input-type=module", "-e", run], {
    cwd: tmpdir(),
    encoding: "utf8",
  });
  expect(printed.trim()).toBe(`SELECT 1;${path.sep}`);
});

it("says where a fault is, in the file that was written", () => {
  // Prepare
  writeFileSync(
    path.join(directory, "faulty.ts"),
    "type Nothing = void;\n\nexport function handler(): Nothing {\n  throw new Error('fault');\n}\n",
  );
  const outfile = path.join(directory, "out", "faulty.mjs");

  // Act
  bundle(path.join(directory, "faulty.ts"), outfile);

  // Assess
  const run = `import(${JSON.stringify(outfile)}).then((m) => { try { m.handler() } catch (e) { console.log(e.stack) } })`;
  const printed = execFileSync(
    process.execPath,
    ["--enable-source-maps", "--input-type=module", "-e", run],
    { encoding: "utf8" },
  );
  expect(printed).toContain("faulty.ts:4:");
});

it("takes the SDK into the bundle, so that what was tested is what runs", () => {
  // Prepare
  const outfile = path.join(directory, "out", "migrate.mjs");

  // Act
  bundle("functions/platform/handlers/migrate.ts", outfile);

  // Assess
  const code = readFileSync(outfile, "utf8");
  const imported = [...code.matchAll(/(?:from|^import|import\()\s*"([^"]+)"/gm)].map(
    ([, specifier = ""]) => specifier,
  );
  expect(imported.length).toBeGreaterThan(0);
  expect(
    imported.filter((specifier) => specifier.startsWith("@") || specifier.startsWith(".")),
  ).toEqual([]);
});
