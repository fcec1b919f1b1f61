import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

export const execute = promisify(execFile);

/** Runs ffmpeg with these arguments before the name of its output, and answers what it wrote. */
export const makeSource = async (
  args: readonly string[],
  name = "film.mp4",
): Promise<Uint8Array> => {
  const directory = await mkdtemp(join(tmpdir(), "sluice-source-"));
  try {
    const path = join(directory, name);
    await execute("ffmpeg", ["-v", "error", "-nostdin", ...args, path]);
    return await readFile(path);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
};

/** Writes the streams of a film into another file, as they are. */
export const remux = async (film: Uint8Array, args: readonly string[]): Promise<Uint8Array> => {
  const directory = await mkdtemp(join(tmpdir(), "sluice-source-"));
  try {
    const path = join(directory, "film.mp4");
    await writeFile(path, film);
    return await makeSource(["-i", path, "-c", "copy", ...args]);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
};

/** Moving bars and a tone. */
export const bars = (options: {
  readonly seconds: number;
  readonly size?: string;
  readonly rate?: string;
  readonly video?: readonly string[];
  readonly audio?: boolean;
}): string[] => [
  ...["-f", "lavfi", "-i"],
  `testsrc2=s=${options.size ?? "160x90"}:r=${options.rate ?? "30000/1001"}:d=${options.seconds}`,
  ...(options.audio === false
    ? []
    : ["-f", "lavfi", "-i", `sine=frequency=440:sample_rate=44100:d=${options.seconds}`]),
  ...["-c:v", "libx264", "-preset", "ultrafast", "-g", "50", ...(options.video ?? [])],
  ...(options.audio === false ? [] : ["-c:a", "aac"]),
];
