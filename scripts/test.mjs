// `npm test [-- NAME…]`: sets up what is missing, then runs vitest; NAME picks files or, with --project, a suite.
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ensureClients } from "./clients.mjs";
import { ensureChromium, failWith, root, setUp } from "./setup.mjs";

try {
  const { node, env } = await setUp();
  const chromium = ensureChromium();
  const clients = ensureClients();
  const reports = mkdtempSync(join(tmpdir(), "sluice-test-"));
  const report = join(reports, "report.json");
  const child = spawn(
    node,
    [
      join(root, "node_modules", "vitest", "vitest.mjs"),
      "run",
      "--reporter=default",
      "--reporter=json",
      `--outputFile.json=${report}`,
      ...process.argv.slice(2),
    ],
    {
      cwd: root,
      stdio: "inherit",
      env: { ...env, ...clients, ...(chromium ? { SLUICE_CHROMIUM: chromium } : {}) },
    },
  );
  child.on("exit", (code) => {
    let status = code ?? 1;
    try {
      const { numPassedTests, numFailedTests, numPendingTests, numTodoTests } = JSON.parse(
        readFileSync(report, "utf8"),
      );
      if (numPassedTests + numFailedTests === 0) status = 1;
      console.log(
        `${numPassedTests} passed, ${numFailedTests} failed, ${numPendingTests + numTodoTests} skipped`,
      );
    } catch {
      console.error("The test runner ended without a report.");
      status = 1;
    }
    rmSync(reports, { recursive: true, force: true });
    process.exit(status);
  });
} catch (error) {
  failWith(error);
}
