/**
 * Assembles the ffmpeg layer. Plain Node without dependencies: set-up runs it before anything is
 * installed.
 *
 *   node layers/ffmpeg/assemble.mjs linux-arm64      the pinned static build, for AWS
 *   node layers/ffmpeg/assemble.mjs linux-x64        likewise, for LocalStack on such a machine
 *   node layers/ffmpeg/assemble.mjs embedded FFMPEG FFPROBE      links to the machine's own
 */
import { spawnSync } from "node:child_process";
import {
  accessSync,
  constants,
  createWriteStream,
  mkdirSync,
  mkdtempSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { pathToFileURL } from "node:url";
import { binaries, distDirectory, manifestName, sha256, staticBuilds } from "./layer.mjs";

/**
 * Links the machine's binaries as `bin/ffmpeg` and `bin/ffprobe`. The same call twice changes nothing.
 * @returns the layer's directory
 */
export function assembleEmbedded(ffmpegPath, ffprobePath, dist = distDirectory) {
  const directory = path.join(dist, "embedded");
  const bin = path.join(directory, "bin");
  mkdirSync(bin, { recursive: true });
  for (const [name, target] of [
    ["ffmpeg", path.resolve(ffmpegPath)],
    ["ffprobe", path.resolve(ffprobePath)],
  ]) {
    accessSync(target, constants.X_OK);
    const link = path.join(bin, name);
    if (linkTarget(link) === target) continue;
    // By rename, so that a start that runs at the same time never sees a gap.
    const fresh = `${link}.${process.pid}`;
    rmSync(fresh, { force: true });
    symlinkSync(target, fresh);
    renameSync(fresh, link);
  }
  return directory;
}

/**
 * Downloads, verifies and unpacks the pinned build. `download` is the only way to the network.
 * @returns the layer's directory
 */
export async function assembleStatic(
  variant,
  { dist = distDirectory, download = fetchTo, builds = staticBuilds } = {},
) {
  const build = builds[variant];
  if (!build) {
    throw new Error(
      `There is no static build ${variant}: choose ${Object.keys(builds).join(" or ")}.`,
    );
  }
  mkdirSync(dist, { recursive: true });
  const scratch = mkdtempSync(path.join(dist, `.${variant}-`));
  try {
    const archive = path.join(scratch, "archive.tar.xz");
    await downloadVerified(build, archive, download);
    const layer = path.join(scratch, "layer");
    const bin = path.join(layer, "bin");
    mkdirSync(bin, { recursive: true });
    unpack(archive, bin);
    const manifest = { version: build.version, archive: build.sha256 };
    for (const name of binaries) manifest[name] = sha256(path.join(bin, name));
    writeFileSync(path.join(layer, manifestName), `${JSON.stringify(manifest, null, 2)}\n`);
    const directory = path.join(dist, variant);
    rmSync(directory, { recursive: true, force: true });
    renameSync(layer, directory);
    return directory;
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

async function downloadVerified(build, archive, download) {
  const faults = [];
  for (const url of build.urls) {
    try {
      await download(url, archive);
    } catch (error) {
      faults.push(`${url}: ${error.message}`);
      continue;
    }
    const found = sha256(archive);
    if (found === build.sha256) return;
    faults.push(`${url}: sha256 is ${found}, expected ${build.sha256}`);
  }
  throw new Error(`ffmpeg ${build.version} could not be had. ${faults.join("; ")}.`);
}

async function fetchTo(url, file) {
  const response = await fetch(url, { signal: AbortSignal.timeout(300_000) });
  if (!response.ok || !response.body) throw new Error(`HTTP ${response.status}`);
  await pipeline(Readable.fromWeb(response.body), createWriteStream(file));
}

/** Takes the two binaries alone: models and manuals would fill the layer's 250 MB. */
function unpack(archive, bin) {
  const members = binaries.map((name) => `*/${name}`);
  const tar = spawnSync(
    "tar",
    [
      "-xJf",
      archive,
      "-C",
      bin,
      "--strip-components=1",
      "--no-same-owner",
      "--wildcards",
      ...members,
    ],
    { encoding: "utf8" },
  );
  if (tar.error) throw new Error(`tar could not be run: ${tar.error.message}`);
  if (tar.status !== 0) throw new Error(`tar could not unpack the archive: ${tar.stderr.trim()}`);
}

function linkTarget(link) {
  try {
    return readlinkSync(link);
  } catch {
    return undefined;
  }
}

async function main([variant, ...rest]) {
  if (variant === "embedded" && rest.length === 2) return assembleEmbedded(rest[0], rest[1]);
  if (variant && rest.length === 0) return assembleStatic(variant);
  throw new Error("Say which layer: linux-arm64, linux-x64, or embedded FFMPEG FFPROBE.");
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  try {
    console.log(await main(process.argv.slice(2)));
  } catch (error) {
    console.error(error.message);
    process.exitCode = 1;
  }
}
