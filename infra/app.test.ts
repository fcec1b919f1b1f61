import { spawnSync } from "node:child_process";
import { expect, it } from "vitest";
import { repositoryRoot } from "./paths.ts";

it.each([
  ["target", "nowhere"],
  ["dispatch", "shove"],
])("ends with one sentence, and no stack trace, when there is no such %s", (name, value) => {
  // Act
  const run = spawnSync(process.execPath, ["infra/app.ts"], {
    cwd: repositoryRoot,
    encoding: "utf8",
    env: { ...process.env, CDK_CONTEXT_JSON: JSON.stringify({ [name]: value }) },
  });

  // Assess
  expect(run.status).not.toBe(0);
  expect(run.stderr.trim()).toMatch(new RegExp(`^Unknown ${name} "${value}": use .*\\.$`));
});
