// `npm start`: sets up what is missing, then hands over to cli/start.ts under Node 24.
import { spawn } from "node:child_process";
import { join } from "node:path";
import { nodeFlags } from "./node-flags.mjs";
import { failWith, root, setUp } from "./setup.mjs";

const args = process.argv.slice(2);

try {
  const { node, env } = await setUp();
  const child = spawn(node, [...nodeFlags, join(root, "cli", "start.ts"), ...args], {
    // The channel tells the child when this process is gone, however it went.
    stdio: ["inherit", "inherit", "inherit", "ipc"],
    // A group of its own: Ctrl-C reaches it once, through here, and not a second time by the terminal.
    detached: true,
    env: { ...env, SLUICE_WORKING_DIRECTORY: process.env.INIT_CWD ?? process.cwd() },
  });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
    process.on(signal, () => child.kill(signal));
  }
  // A parent that was killed tells nothing.
  const parent = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(watch);
    child.kill("SIGTERM");
  }, 500);
  watch.unref();
  child.on("exit", (code, signal) => process.exit(code ?? (signal === "SIGINT" ? 130 : 1)));
} catch (error) {
  failWith(error, args.includes("--json"));
}
