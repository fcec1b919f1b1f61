import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { SluiceApi } from "@sluice/client";
import { ensureAssembly, ensureWeb } from "./embedded/assembly.ts";
import { emptyDataDir } from "./embedded/data-dir.ts";
import { openPlatform, type Platform } from "./embedded/platform.ts";
import { makeSampleClip } from "./embedded/sample-clip.ts";
import { isExplained } from "./errors.ts";
import { sendFile } from "./journey/send.ts";
import { followVideo } from "./journey/video-journey.ts";
import { parseStartArguments, type StartArguments, startHelp } from "./start-arguments.ts";
import { JsonOutput, type StartOutput, TerminalOutput } from "./start-output.ts";

const root = dirname(import.meta.dirname);

async function main(): Promise<void> {
  const argv = process.argv.slice(2);
  const output: StartOutput = argv.includes("--json") ? new JsonOutput() : new TerminalOutput();
  const stopping = new AbortController();
  let platform: Platform | undefined;
  const stop = stopOnce(async () => {
    stopping.abort();
    output.close();
    await platform?.close();
  });
  try {
    const workingDirectory = process.env.SLUICE_WORKING_DIRECTORY ?? process.cwd();
    const options = parseStartArguments(argv, workingDirectory);
    if (options.help) {
      process.stdout.write(startHelp);
      return;
    }
    const opening = open(options, output);
    stop.after(opening);
    platform = await opening;
    output.ready(platform.addresses);
    await followFiles(platform, options, output, stopping.signal);
  } catch (error) {
    if (stopping.signal.aborted) return;
    if (!isExplained(error)) throw error;
    output.error(error.code, error.message);
    await platform?.close();
    process.exit(1);
  }
}

/** Ends everything at the first signal, and at once at the second. */
function stopOnce(close: () => Promise<void>): { after(work: Promise<unknown>): void } {
  let pending: Promise<unknown> = Promise.resolve();
  let stopping = false;
  const stop = () => {
    if (stopping) process.exit(130);
    stopping = true;
    process.stderr.write("\nStopping …\n");
    pending
      .catch(() => {})
      .then(close)
      .then(
        () => process.exit(0),
        (error: unknown) => {
          process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
          process.exit(1);
        },
      );
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, stop);
  // The set-up script is our parent; when it is gone, nobody can stop us any more.
  process.on("disconnect", stop);
  return {
    after(work) {
      pending = work;
    },
  };
}

async function open(options: StartArguments, output: StartOutput): Promise<Platform> {
  const assemblyDir = await ensureAssembly(root, () => output.step("Synthesizing the app …"));
  const webDir = await ensureWeb(root, () => output.step("Bundling the page …"));
  if (options.fresh) await emptyDataDir(options.dataDir);
  return openPlatform({
    dataDir: options.dataDir,
    port: options.port,
    databaseUrl: options.databaseUrl,
    assemblyDir,
    webDir,
    onStep: (step) => output.step(`${step.charAt(0).toUpperCase()}${step.slice(1)} …`),
    onNotice: (notice) => output.notice(notice),
  });
}

async function followFiles(
  platform: Platform,
  options: StartArguments,
  output: StartOutput,
  signal: AbortSignal,
): Promise<void> {
  const api = new SluiceApi({ baseUrl: platform.addresses.api, token: platform.token });
  const follow = (file: string, title?: string) =>
    followVideo({
      api,
      apiUrl: platform.addresses.api,
      web: platform.addresses.web,
      token: platform.token,
      send: sendFile(file, {
        ...{ api, title, dispatch: options.dispatch },
        resumeDir: join(options.dataDir, "unfinished-uploads"),
      }),
      until: "ready",
      signal,
      onEvent: (event) => output.journey(file, event),
    });
  if (options.files.length > 0) {
    await Promise.all(options.files.map((file) => follow(file)));
    return;
  }
  const { videos } = await api.listVideos({ limit: 1 });
  if (videos.length > 0) return;
  const ffmpeg = process.env.SLUICE_FFMPEG;
  if (ffmpeg === undefined) return;
  output.step("The library is empty: making a short sample clip …");
  const directory = await mkdtemp(join(tmpdir(), "sluice-sample-"));
  try {
    const clip = join(directory, "sample.mp4");
    await makeSampleClip(ffmpeg, clip);
    await follow(clip, "Sample clip");
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

await main();
