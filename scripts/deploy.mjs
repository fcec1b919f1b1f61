// `npm run deploy`: sets up what is missing, then hands over to cli/deploy.ts under Node 24.
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { failWith, root, setUp } from "./setup.mjs";

try {
  const { node, env } = await setUp();
  const script = join(root, "cli", "deploy.ts");
  const { status } = spawnSync(node, [script, ...process.argv.slice(2)], { stdio: "inherit", env });
  process.exit(status ?? 1);
} catch (error) {
  failWith(error);
}
