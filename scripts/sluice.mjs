#!/usr/bin/env node
// `npx sluice`: the command line (cli/sluice.ts) under Node 24, which is among the dependencies.
import { spawn } from "node:child_process";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { failWith, findNode, requireSetUp, root } from "./setup.mjs";

const args = process.argv.slice(2);
const command = join(root, "cli", "sluice.ts");

try {
  requireSetUp();
  const node = findNode();
  if (node === process.execPath) await import(pathToFileURL(command).href);
  else {
    const child = spawn(node, [command, ...args], { stdio: "inherit" });
    // Ctrl-C reaches the child by the terminal; what is sent to this process alone is passed on.
    process.on("SIGINT", () => {});
    for (const signal of ["SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
    child.on("exit", (code) => process.exit(code ?? 130));
  }
} catch (error) {
  failWith(error, args.includes("--json"));
}
