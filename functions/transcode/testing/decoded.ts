import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execute } from "./synthetic-sources.ts";

export interface DecodedFrame {
  readonly pts: number;
  readonly hash: string;
}

/** Decodes a file's track and answers every frame's time stamp and MD5. */
export const decode = async (
  bytes: Uint8Array,
  track: "v" | "a",
  filters: readonly string[] = [],
): Promise<DecodedFrame[]> => {
  const directory = await mkdtemp(join(tmpdir(), "sluice-decode-"));
  try {
    const path = join(directory, "movie.mp4");
    await writeFile(path, bytes);
    const { stdout } = await execute(
      "ffmpeg",
      [
        ...["-v", "error", "-nostdin", "-copyts", "-i", path, "-map", `0:${track}`],
        ...(track === "v" ? ["-fps_mode", "passthrough"] : []),
        ...[...filters, "-f", "framemd5", "-"],
      ],
      { maxBuffer: 64 * 1024 * 1024 },
    );
    return stdout
      .split("\n")
      .filter((line) => line !== "" && !line.startsWith("#"))
      .map((line) => {
        const fields = line.split(",").map((field) => field.trim());
        return { pts: Number(fields[2]), hash: fields[5] ?? "" };
      });
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
};
