// Runs before anything is installed: plain Node 20, no dependencies.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { accessSync, constants, existsSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

export const root = dirname(dirname(fileURLToPath(import.meta.url)));
const requiredNodeMajor = 24;

/** A fault of the machine that the person at it can mend: one sentence, no stack. */
export class SetupError extends Error {
  constructor(code, message) {
    super(message);
    this.code = code;
  }
}

/** Progress goes to stderr: stdout may be a stream of JSON. */
const say = (line) => process.stderr.write(`${line}\n`);

const lockDigest = () =>
  createHash("sha256")
    .update(readFileSync(join(root, "package-lock.json")))
    .digest("hex");

/** Installs the dependencies unless those of this lock file are already there. */
export function ensureDependencies() {
  const stamp = join(root, "node_modules", ".sluice-lock-digest");
  const digest = lockDigest();
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === digest) return;
  say("Installing dependencies (npm ci); once, about a minute …");
  const npm = process.platform === "win32" ? "npm.cmd" : "npm";
  const result = spawnSync(npm, ["ci", "--no-audit", "--no-fund", "--loglevel=error"], {
    cwd: root,
    stdio: ["ignore", 2, 2],
    // npm passes its own settings down to scripts; `npm ci` must not inherit those of `npm test`.
    env: Object.fromEntries(
      Object.entries(process.env).filter(
        ([name]) => !/^npm_(config_argv|lifecycle|command)/.test(name),
      ),
    ),
  });
  if (result.status !== 0) {
    throw new SetupError(
      "dependencies-missing",
      "The dependencies could not be installed: `npm ci` failed with the message above; mend that (a registry that npm reaches is needed once) and run the command again.",
    );
  }
  writeFileSync(stamp, digest);
}

/** For commands that want everything there: they install nothing. */
export function requireSetUp() {
  const stamp = join(root, "node_modules", ".sluice-lock-digest");
  const isThere = existsSync(join(root, "node_modules", ".package-lock.json"));
  const isOld = existsSync(stamp) && readFileSync(stamp, "utf8") !== lockDigest();
  if (isThere && !isOld) return;
  throw new SetupError(
    "not-set-up",
    `Sluice is not set up in ${root}${isThere ? " since its dependencies changed" : ""}: run \`npm start\` or \`npm ci\` there once, then this command again.`,
  );
}

const majorOf = (version) => Number(/^v?(\d+)\./.exec(version)?.[1] ?? 0);

/** The Node that runs Sluice: this one if it is new enough, else the one among the dependencies. */
export function findNode() {
  if (majorOf(process.versions.node) >= requiredNodeMajor) return process.execPath;
  const bundled = join(root, "node_modules", "node", "bin", "node");
  const version = spawnSync(bundled, ["--version"], { encoding: "utf8" }).stdout ?? "";
  if (majorOf(version.trim()) >= requiredNodeMajor) return bundled;
  throw new SetupError(
    "node-missing",
    `Sluice needs Node ${requiredNodeMajor}: the copy among the dependencies did not install (npm was probably told to ignore scripts), so install Node ${requiredNodeMajor} or run \`npm ci --ignore-scripts=false\`.`,
  );
}

const runnable = (path) => {
  try {
    accessSync(path, constants.X_OK);
    return spawnSync(path, ["-hide_banner", "-version"], { stdio: "ignore" }).status === 0;
  } catch {
    return false;
  }
};

/** Absolute path of a command on PATH, or undefined. */
export function onPath(command) {
  for (const directory of (process.env.PATH ?? "").split(delimiter)) {
    const path = join(directory, command);
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {
      // Not in this directory.
    }
  }
  return undefined;
}

const packagedBinary = (name, property) => {
  try {
    const require = createRequire(join(root, "package.json"));
    const exported = require(name);
    const path = property ? exported[property] : exported;
    return typeof path === "string" && runnable(path) ? path : undefined;
  } catch {
    return undefined;
  }
};

/** @returns {{ ffmpeg: string, ffprobe: string } | undefined} */
export function findFfmpeg() {
  const packaged = {
    ffmpeg: packagedBinary("ffmpeg-static"),
    ffprobe: packagedBinary("@derhuerst/ffprobe-static"),
  };
  if (packaged.ffmpeg && packaged.ffprobe) return packaged;
  const installed = { ffmpeg: onPath("ffmpeg"), ffprobe: onPath("ffprobe") };
  if (installed.ffmpeg && installed.ffprobe && runnable(installed.ffmpeg)) return installed;
  return undefined;
}

export const canUseApt = () =>
  process.platform === "linux" && process.getuid?.() === 0 && onPath("apt-get") !== undefined;

export function aptInstall(packageName) {
  const commands = [
    ["apt-get", "update", "-qq"],
    ["apt-get", "install", "-y", "-qq", "--no-install-recommends", packageName],
  ];
  for (const [command, ...args] of commands) {
    say(`$ ${command} ${args.join(" ")}`);
    const result = spawnSync(command, args, {
      stdio: ["ignore", 2, 2],
      env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
    });
    if (result.status !== 0 && args[0] === "install") return false;
  }
  return true;
}

/**
 * ffmpeg and ffprobe of this machine; installed by apt-get where that is allowed.
 * Tests put other machines in the place of the parameters.
 */
export function ensureFfmpeg(find = findFfmpeg, install = canUseApt() ? aptInstall : undefined) {
  const found = find();
  if (found) return found;
  if (install) {
    say("ffmpeg is missing; installing it:");
    install("ffmpeg");
    const installed = find();
    if (installed) return installed;
  }
  throw new SetupError(
    "ffmpeg-missing",
    "Sluice needs ffmpeg and ffprobe: install them (`apt-get install ffmpeg`, `brew install ffmpeg`, or your system's package) so that both are on PATH, and run the command again.",
  );
}

export const chromiumPath = () =>
  onPath("chromium") ?? onPath("chromium-browser") ?? onPath("google-chrome");

/** Chromium for the journeys; without it they decode with ffmpeg and say so. */
export function ensureChromium() {
  if (!chromiumPath() && canUseApt()) {
    say("Chromium is missing; the journeys play in it, so it is installed:");
    aptInstall("chromium");
  }
  return chromiumPath();
}

/**
 * Everything `npm start` and `npm test` need.
 * @returns {Promise<{ node: string, env: NodeJS.ProcessEnv }>}
 */
export async function setUp() {
  if (majorOf(process.versions.node) < 20) {
    throw new SetupError(
      "node-missing",
      "Sluice needs Node 20 or newer to set itself up; install it from your system's packages.",
    );
  }
  ensureDependencies();
  const node = findNode();
  const { ffmpeg, ffprobe } = ensureFfmpeg();
  const layer = await import(pathToFileURL(join(root, "layers", "ffmpeg", "assemble.mjs")).href);
  layer.assembleEmbedded(ffmpeg, ffprobe);
  const path = [dirname(node), join(root, "node_modules", ".bin"), process.env.PATH].join(
    delimiter,
  );
  return {
    node,
    env: { ...process.env, PATH: path, SLUICE_FFMPEG: ffmpeg, SLUICE_FFPROBE: ffprobe },
  };
}

/** Prints a SetupError as its one sentence and exits; anything else is a bug and keeps its stack. */
export function failWith(error, json = false) {
  if (!(error instanceof SetupError)) throw error;
  if (json) {
    process.stdout.write(
      `${JSON.stringify({ event: "error", code: error.code, message: error.message })}\n`,
    );
  } else {
    say(error.message);
  }
  process.exit(1);
}
