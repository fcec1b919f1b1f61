// `npm run bench`, `npm run faults`: sets up what is missing, then hands over to load_tests/ under Node 24.
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { failWith, root, setUp } from "./setup.mjs";

const [command, ...args] = process.argv.slice(2);

try {
  const { node, env } = await setUp();
  const script = join(root, "load_tests", `${command}.ts`);
  const { status } = spawnSync(node, [script, ...args], { stdio: "inherit", env });
  process.exit(status ?? 1);
} catch (error) {
  failWith(error);
}
