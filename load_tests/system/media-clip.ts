import { execFile } from "node:child_process";
import { promisify } from "node:util";

export interface Clip {
  readonly size: string;
  /** As ffmpeg takes it, for example `30000/1001`. */
  readonly rate: string;
  readonly seconds: number;
  /** 0 to 100; noise is what makes encoders work and files large. */
  readonly noise: number;
  /** Constant rate factor of x264: lower makes a larger file. */
  readonly crf: number;
  readonly seed: number;
}

/**
 * Makes an MP4 of moving patterns under seeded noise, with stereo sound. Its bytes differ from one
 * build of ffmpeg to the next, but not from run to run.
 * @throws Error with what ffmpeg printed
 */
export async function makeClip(file: string, clip: Clip): Promise<void> {
  const { size, rate, seconds, noise, crf, seed } = clip;
  const picture = `testsrc2=size=${size}:rate=${rate}:duration=${seconds},noise=alls=${noise}:allf=t:all_seed=${seed}`;
  const sound = [220, 330].map(
    (hertz) => `0.2*sin(2*PI*${hertz}*t)+0.05*sin(2*PI*${hertz * 7}*t)*sin(2*PI*0.5*t)`,
  );
  await promisify(execFile)(process.env.SLUICE_FFMPEG ?? "ffmpeg", [
    ..."-nostdin -hide_banner -loglevel error -y".split(" "),
    ...["-f", "lavfi", "-i", picture],
    ...["-f", "lavfi", "-i", `aevalsrc='${sound.join("|")}':s=48000:d=${seconds}:c=stereo`],
    ..."-c:v libx264 -preset ultrafast -pix_fmt yuv420p -threads 1 -g 60".split(" "),
    ...["-crf", String(crf), "-c:a", "aac", "-b:a", "128k", "-ac", "2"],
    ..."-fflags +bitexact -flags:v +bitexact -flags:a +bitexact -movflags +faststart".split(" "),
    ...["-t", String(seconds), file],
  ]);
}
