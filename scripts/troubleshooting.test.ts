import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";

const root = dirname(import.meta.dirname);
const explained = /new (?:StartError|CommandError|SetupError)\(\s*"([a-z-]+)"/g;

/** Codes of every error that ends a command, from the sources that throw them. */
function codes(): string[] {
  const found = ["localstack", "cli", "scripts"].flatMap((room) =>
    readdirSync(join(root, room), { recursive: true, encoding: "utf8" })
      .filter((file) => /\.(ts|mjs)$/.test(file) && !/test|node_modules/.test(file))
      .flatMap((file) => [...readFileSync(join(root, room, file), "utf8").matchAll(explained)])
      .map(([, code = ""]) => code),
  );
  return [...new Set(found)];
}

test("docs/troubleshooting.md has every code that can stop a command", () => {
  const page = readFileSync(join(root, "docs", "troubleshooting.md"), "utf8");

  const all = codes();

  expect(all.length).toBeGreaterThan(20);
  expect(all.filter((code) => !page.includes(`\`${code}\``))).toEqual([]);
});
