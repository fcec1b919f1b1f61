import { spawn } from "node:child_process";

/**
 * Makes a short clip, so that an empty library has something to watch: slowly turning colours with a
 * clock that shows where playback is, and a soft chord.
 * @param ffmpeg path of the encoder
 * @throws Error when ffmpeg fails, with what it printed last
 */
export async function makeSampleClip(ffmpeg: string, file: string): Promise<void> {
  const seconds = 20;
  const picture = [
    `gradients=size=1280x720:rate=30:duration=${seconds}:speed=0.008:nb_colors=5:x0=0:y0=0:x1=1280:y1=720`,
    "c0=0x0b3954:c1=0x087e8b:c2=0xbfd7ea:c3=0xff5a5f:c4=0x3c1642",
  ].join(":");
  // A bar that crosses the picture once: seeking and stalls are visible without a font.
  const clock = `color=c=white@0.85:s=1280x10:r=30:d=${seconds},format=yuva420p[bar]`;
  const place = `[0:v][bar]overlay=x='-W+W*t/${seconds}':y=H-10:shortest=1,format=yuv420p[v]`;
  const chord = [220, 277.18, 329.63]
    .map((frequency) => `0.06*sin(2*PI*${frequency}*t)*(0.6+0.4*sin(2*PI*t/6))`)
    .join("+");
  const child = spawn(
    ffmpeg,
    [
      "-nostdin -hide_banner -loglevel error -y".split(" "),
      ["-f", "lavfi", "-i", picture],
      ["-f", "lavfi", "-i", `aevalsrc='${chord}':s=48000:d=${seconds}`],
      ["-filter_complex", `${clock};${place}`, "-map", "[v]", "-map", "1:a"],
      "-c:v libx264 -preset veryfast -crf 20 -g 60 -c:a aac -b:a 128k -ac 2".split(" "),
      ["-movflags", "+faststart", file],
    ].flat(),
    { stdio: ["ignore", "ignore", "pipe"] },
  );
  let printed = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    printed = (printed + text).slice(-2000);
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on("error", reject).on("close", resolve);
  });
  if (code !== 0) throw new Error(`The sample clip could not be made: ${printed.trim()}`);
}
