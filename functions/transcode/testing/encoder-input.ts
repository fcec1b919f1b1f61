import { framesArguments } from "../adapters/ffmpeg-arguments.ts";
import { openLoopbackSource } from "../adapters/loopback-source-proxy.ts";
import type { Plan } from "../domain/plan.ts";
import { execute } from "./synthetic-sources.ts";

/** Time stamp and MD5 of every frame that a chunk gives the encoder of its smallest rendition. */
export const encoderInput = async (
  plan: Plan,
  chunk: number,
  source: Uint8Array,
): Promise<string[]> => {
  const smallest = plan.renditions.slice(-1);
  const proxy = await openLoopbackSource({
    bytes: source.length,
    read: async (first, end) => source.subarray(first, end),
    signal: new AbortController().signal,
  });
  try {
    const { stdout } = await execute(
      "ffmpeg",
      [
        ...framesArguments({ ...plan, renditions: smallest }, chunk, proxy.url),
        ...["-map", `[${smallest[0]?.name}]`, "-fps_mode", "passthrough", "-f", "framemd5", "-"],
      ],
      { maxBuffer: 64 * 1024 * 1024 },
    );
    return stdout
      .split("\n")
      .filter((line) => line !== "" && !line.startsWith("#"))
      .map((line) => {
        const [, , pts, , , hash] = line.split(",").map((field) => field.trim());
        return `${pts} ${hash}`;
      });
  } finally {
    await proxy.close();
  }
};
