// Clients that everybody has, for the tests of the embedded cloud. They are never needed: without one its tests are
// skipped, and a line says why.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { aptInstall, canUseApt, onPath, root } from "./setup.mjs";

const cache = join(root, ".cache", "clients");
const requirements = join(root, "localstack", "cloud", "clients", "requirements.txt");
/** A registry that does not answer must not hold up the tests. */
const installMs = 180_000;
const rcloneVersion = "v1.74.1";

const say = (line) => process.stderr.write(`${line}\n`);

/**
 * AWS CLI, boto3 and s3cmd in an environment of their own, exactly those of requirements.txt.
 * @returns {string | undefined} the folder of their commands
 */
function ensurePythonClients() {
  const environment = join(cache, "venv");
  const commands = join(environment, "bin");
  const stamp = join(environment, "installed-digest");
  const digest = createHash("sha256").update(readFileSync(requirements)).digest("hex");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === digest) return commands;

  const skip = (reason) => {
    say(`The tests of AWS CLI, boto3 and s3cmd are skipped: ${reason}`);
    return undefined;
  };
  if (!onPath("python3")) return skip("there is no python3.");
  say("Installing AWS CLI, boto3 and s3cmd for the tests (once, below .cache/) …");
  rmSync(environment, { recursive: true, force: true });
  mkdirSync(cache, { recursive: true });
  const steps = [
    ["python3", "-m", "venv", environment],
    // Only wheels: a package of sources would run its own code to be installed.
    [
      join(commands, "python"),
      ...["-m", "pip", "install", "--quiet", "--disable-pip-version-check"],
      ...["--require-hashes", "--only-binary", ":all:", "--retries", "1", "--timeout", "10"],
      ...["-r", requirements],
    ],
  ];
  for (const [command, ...args] of steps) {
    const { status, stdout, stderr } = spawnSync(command, args, {
      encoding: "utf8",
      timeout: installMs,
    });
    if (status === 0) continue;
    const said = `${stderr ?? ""}${stdout ?? ""}`.trim().split("\n").at(-1);
    return skip(said || `\`${command} ${args.slice(0, 3).join(" ")} …\` failed.`);
  }
  writeFileSync(stamp, digest);
  return commands;
}

/** rclone as built here, as installed, or as Debian has it. */
function ensureRclone() {
  const built = join(cache, "rclone");
  if (existsSync(built)) return built;
  const installed = onPath("rclone");
  if (installed) return installed;
  if (canUseApt()) {
    say("rclone is missing; installing it for the tests:");
    aptInstall("rclone");
  }
  const found = onPath("rclone");
  if (!found) {
    say("The tests of rclone are skipped: install it, or build it with `npm run setup:clients`.");
  }
  return found;
}

/** Builds the pinned rclone; the Go module proxy and several minutes are needed once. */
function buildRclone() {
  const go = onPath("go");
  if (!go) {
    say("rclone is not built: there is no go.");
    return;
  }
  say(`Building rclone ${rcloneVersion} below .cache/ (minutes) …`);
  mkdirSync(cache, { recursive: true });
  spawnSync(go, ["install", `github.com/rclone/rclone@${rcloneVersion}`], {
    stdio: ["ignore", 2, 2],
    env: { ...process.env, GOBIN: cache },
  });
}

/** @returns {Record<string, string>} what the tests find the clients by */
export function ensureClients() {
  const commands = ensurePythonClients();
  const rclone = ensureRclone();
  return {
    ...(commands && { SLUICE_PYTHON_CLIENTS: commands }),
    ...(rclone && { SLUICE_RCLONE: rclone }),
  };
}

if (fileURLToPath(import.meta.url) === process.argv[1]) {
  buildRclone();
  ensureClients();
}
