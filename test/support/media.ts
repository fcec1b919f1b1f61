import { spawn } from "node:child_process";
import { join } from "node:path";

/** Runs a media tool and gives what it printed; fails with that when it fails. */
export async function run(command: "ffmpeg" | "ffprobe", args: readonly string[]): Promise<string> {
  const path = process.env[command === "ffmpeg" ? "SLUICE_FFMPEG" : "SLUICE_FFPROBE"] ?? command;
  const child = spawn(path, args, { stdio: ["ignore", "pipe", "pipe"] });
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr = (stderr + text).slice(-10_000);
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on("error", reject).on("close", resolve);
  });
  if (code !== 0) throw new Error(`${command} failed with ${code}: ${stderr}`);
  return stdout;
}

/** A clip with a moving picture and a tone; its clock is drawn into the picture by testsrc2. */
export async function makeClip(
  directory: string,
  name: string,
  clip: { seconds: number; size?: string; rate?: number; audio?: boolean },
): Promise<string> {
  const { seconds, size = "640x360", rate = 30, audio = true } = clip;
  const file = join(directory, name);
  await run("ffmpeg", [
    ..."-nostdin -hide_banner -loglevel error -y".split(" "),
    ...["-f", "lavfi", "-i", `testsrc2=size=${size}:rate=${rate}:duration=${seconds}`],
    ...(audio
      ? ["-f", "lavfi", "-i", `sine=frequency=440:sample_rate=48000:duration=${seconds}`]
      : []),
    ..."-c:v libx264 -preset ultrafast -pix_fmt yuv420p".split(" "),
    ...(audio ? ["-c:a", "aac", "-shortest"] : []),
    file,
  ]);
  return file;
}
