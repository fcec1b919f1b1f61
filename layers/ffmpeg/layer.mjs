/**
 * Where the ffmpeg layer is, and whether it may be deployed.
 * Plain Node without dependencies: set-up runs it before anything is installed.
 */
import { createHash } from "node:crypto";
import { closeSync, existsSync, lstatSync, openSync, readFileSync, readSync } from "node:fs";
import path from "node:path";

export const binaries = Object.freeze(["ffmpeg", "ffprobe"]);

/**
 * The static builds of https://johnvansickle.com/ffmpeg/ (GPL 3, sources linked there): one archive
 * holds both binaries, and nothing they need is missing on Amazon Linux. A release moves from
 * releases/ to old-releases/ when the next one comes; the bytes stay the same.
 */
export const staticBuilds = Object.freeze({
  "linux-arm64": staticBuild(
    "arm64",
    "f4149bb2b0784e30e99bdda85471c9b5930d3402014e934a5098b41d0f7201b1",
    // EM_AARCH64
    183,
  ),
  "linux-x64": staticBuild(
    "amd64",
    "abda8d77ce8309141f83ab8edf0596834087c52467f6badf376a6a2a4c87cf67",
    // EM_X86_64
    62,
  ),
});

function staticBuild(architecture, sha256, elfMachine) {
  const file = `ffmpeg-7.0.2-${architecture}-static.tar.xz`;
  return Object.freeze({
    version: "7.0.2",
    urls: Object.freeze([
      `https://johnvansickle.com/ffmpeg/releases/${file}`,
      `https://johnvansickle.com/ffmpeg/old-releases/${file}`,
    ]),
    sha256,
    elfMachine,
  });
}

/** Written beside the binaries by whoever assembled them. */
export const manifestName = "layer.json";

const here = import.meta.dirname ?? path.dirname(new URL(import.meta.url).pathname);

export const distDirectory = path.join(here, "dist");

/** The directory that becomes the layer: the assembled one, else the marker. */
export function layerDirectory(variant, dist = distDirectory) {
  const assembled = path.join(dist, variant);
  return binaries.every((name) => existsSync(path.join(assembled, "bin", name)))
    ? assembled
    : path.join(here, "not-assembled");
}

/**
 * One sentence that says why the layer of this variant must not be deployed; undefined when it may.
 * A host's binary never ships: it needs the host's libraries, and nobody knows its bytes.
 */
export function layerFault(variant, dist = distDirectory, builds = staticBuilds) {
  const build = builds[variant];
  const directory = path.join(dist, variant);
  const remedy = build
    ? `run \`node layers/ffmpeg/assemble.mjs ${variant}\``
    : "run `npm start`, which links the machine's ffmpeg";
  for (const name of binaries) {
    if (!existsSync(path.join(directory, "bin", name))) {
      return `The ffmpeg layer ${variant} has no ${name}: ${remedy}.`;
    }
  }
  if (!build) return undefined;

  const manifest = readManifest(path.join(directory, manifestName));
  if (manifest?.archive !== build.sha256) {
    return `The ffmpeg layer ${variant} was not made from the pinned build ${build.version}: ${remedy}.`;
  }
  for (const name of binaries) {
    const file = path.join(directory, "bin", name);
    if (!lstatSync(file).isFile()) {
      return `The ${name} of the ffmpeg layer ${variant} is a link to this machine's: ${remedy}.`;
    }
    if (elfMachine(file) !== build.elfMachine) {
      return `The ${name} of the ffmpeg layer ${variant} is not built for it: ${remedy}.`;
    }
    if (sha256(file) !== manifest[name]) {
      return `The ${name} of the ffmpeg layer ${variant} is not the one that was assembled: ${remedy}.`;
    }
  }
  return undefined;
}

export function sha256(file) {
  const hash = createHash("sha256");
  const descriptor = openSync(file, "r");
  try {
    const buffer = Buffer.alloc(1 << 20);
    for (;;) {
      const length = readSync(descriptor, buffer);
      if (length === 0) return hash.digest("hex");
      hash.update(buffer.subarray(0, length));
    }
  } finally {
    closeSync(descriptor);
  }
}

/** `e_machine` of an ELF header (System V ABI, chapter 4); undefined when it is none. */
function elfMachine(file) {
  const header = Buffer.alloc(20);
  const descriptor = openSync(file, "r");
  try {
    if (readSync(descriptor, header) < header.length) return undefined;
  } finally {
    closeSync(descriptor);
  }
  return header.readUInt32BE(0) === 0x7f454c46 ? header.readUInt16LE(18) : undefined;
}

function readManifest(file) {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    return undefined;
  }
}
