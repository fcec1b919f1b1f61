// `npm start`: sets up what is missing, then hands over to cli/start.ts under Node 24.
import { spawn } from "node:child_process";
import { join } from "node:path";
import { failWith, root, setUp } from "./setup.mjs";

const args = process.argv.slice(2);

try {
  const { node, env } = await setUp();
  // The channel tells the child when this process is gone, however it went.
  const child = spawn(node, [join(root, "cli", "start.ts"), ...args], {
    stdio: ["inherit", "inherit", "inherit", "ipc"],
    env: { ...env, SLUICE_WORKING_DIRECTORY: process.env.INIT_CWD ?? process.cwd() },
  });
  // Ctrl-C reaches the whole foreground group; the child ends its own children and then itself.
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
    process.on(signal, () => {
      if (signal !== "SIGINT") child.kill(signal);
    });
  }
  child.on("exit", (code, signal) => process.exit(code ?? (signal === "SIGINT" ? 130 : 1)));
} catch (error) {
  failWith(error, args.includes("--json"));
}
