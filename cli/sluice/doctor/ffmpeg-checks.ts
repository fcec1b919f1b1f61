import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { findFfmpeg } from "../../../scripts/setup.mjs";
import type { Check } from "./check.ts";

const run = promisify(execFile);

/** What functions/transcode/adapters/ffmpeg-arguments.ts asks for. */
const encoders = ["libx264", "aac", "mjpeg"];
const filters = [
  ...["aresample", "apad", "atrim", "bwdif", "format", "fps", "scale", "setsar", "split"],
  ...["thumbnail", "tpad", "trim"],
];
/** For sources with a high dynamic range alone. */
const toneMapping = ["zscale", "tonemap"];

const install =
  "install ffmpeg from your system's packages (`apt-get install ffmpeg`, `brew install ffmpeg`)";

export async function ffmpegChecks(): Promise<Check[]> {
  const found = findFfmpeg();
  if (!found) {
    return [
      {
        name: "ffmpeg",
        status: "missing",
        message: "ffmpeg and ffprobe are not on PATH",
        todo: `${install}; as root on Debian and Ubuntu, \`npm start\` does so itself`,
      },
    ];
  }
  return [
    await versionOf("ffmpeg", found.ffmpeg),
    await versionOf("ffprobe", found.ffprobe),
    lacking("encoders", encoders, await names(found.ffmpeg, "-encoders")),
    lacking("filters", filters, await names(found.ffmpeg, "-filters")),
    toneMappingOf(await names(found.ffmpeg, "-filters")),
  ];
}

async function versionOf(name: string, path: string): Promise<Check> {
  try {
    const { stdout } = await run(path, ["-hide_banner", "-version"]);
    const version = /version (\S+)/.exec(stdout)?.[1] ?? "of unknown version";
    return { name, status: "ok", message: `${version}, ${path}` };
  } catch {
    return { name, status: "missing", message: `${path} does not run`, todo: install };
  }
}

/** Lines such as ` V....D libx264   libx264 H.264 …` and ` TSC scale   V->V   Scale …`. */
async function names(path: string, list: string): Promise<ReadonlySet<string>> {
  const { stdout } = await run(path, ["-hide_banner", list], { maxBuffer: 8 * 1024 * 1024 });
  return new Set(stdout.split("\n").flatMap((line) => /^ ?\S+ +(\S+) /.exec(line)?.[1] ?? []));
}

export function lacking(
  name: string,
  wanted: readonly string[],
  there: ReadonlySet<string>,
): Check {
  const missing = wanted.filter((one) => !there.has(one));
  return missing.length === 0
    ? { name, status: "ok", message: wanted.join(", ") }
    : {
        name,
        status: "missing",
        message: `this ffmpeg was built without ${missing.join(", ")}`,
        todo: install,
      };
}

function toneMappingOf(there: ReadonlySet<string>): Check {
  const missing = toneMapping.filter((one) => !there.has(one));
  return missing.length === 0
    ? { name: "HDR sources", status: "ok", message: toneMapping.join(", ") }
    : {
        name: "HDR sources",
        status: "optional",
        message: `this ffmpeg was built without ${missing.join(", ")}: HDR cannot be tone-mapped`,
        todo: "use an ffmpeg with libzimg",
      };
}
