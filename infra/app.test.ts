import { spawnSync } from "node:child_process";
import { expect, it } from "vitest";
import { repositoryRoot } from "./paths.ts";

it("ends with one sentence, and no stack trace, when there is no such target", () => {
  // Act
  const run = spawnSync(process.execPath, ["infra/app.ts"], {
    cwd: repositoryRoot,
    encoding: "utf8",
    env: { ...process.env, CDK_CONTEXT_JSON: JSON.stringify({ target: "nowhere" }) },
  });

  // Assess
  expect(run.status).not.toBe(0);
  expect(run.stderr.trim()).toMatch(/^Unknown target "nowhere": use .*\.$/);
});
