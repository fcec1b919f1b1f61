import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import type { Readable } from "node:stream";

/** ffmpeg ended badly. Its words are for the log, not for people. */
export class FfmpegError extends Error {
  override readonly name = "FfmpegError";
  readonly exitCode: number | undefined;
  readonly stderr: string;

  constructor(program: string, exitCode: number | undefined, stderr: string) {
    super(`${program} ended with ${exitCode ?? "a signal"}. ${stderr.slice(-400)}`.trim());
    this.exitCode = exitCode;
    this.stderr = stderr;
  }
}

const maxStderrBytes = 16 * 1024;

export interface ProcessOptions {
  readonly program: "ffmpeg" | "ffprobe";
  readonly arguments: readonly string[];
  /** Pipes after stdout: file descriptors 3 and on. */
  readonly extraPipes?: number;
  readonly signal: AbortSignal;
}

export interface FfmpegProcess {
  /** Descriptor 3 and on. */
  readonly pipes: readonly Readable[];
  readonly stdout: Readable;
  /** @throws FfmpegError */
  readonly done: Promise<void>;
}

/**
 * Starts the program with nothing of our environment but PATH: it reads a stranger's file, and
 * credentials are in there. When the signal aborts it is killed.
 */
export const startFfmpeg = (options: ProcessOptions): FfmpegProcess => {
  const extra = options.extraPipes ?? 0;
  options.signal.throwIfAborted();
  const child = spawn(options.program, options.arguments, {
    stdio: ["ignore", "pipe", "pipe", ...Array.from({ length: extra }, () => "pipe" as const)],
    // Static builds crash in iconv when they find the host's modules.
    env: { PATH: process.env.PATH, GCONV_PATH: "/nonexistent", LC_ALL: "C" },
  });
  const kill = () => child.kill("SIGKILL");
  options.signal.addEventListener("abort", kill, { once: true });
  const done = end(child, options).finally(() => {
    options.signal.removeEventListener("abort", kill);
  });
  const pipes = child.stdio.slice(3) as Readable[];
  const { stdout } = child;
  if (!stdout) throw new Error("The process has no stdout.");
  return { pipes, stdout, done };
};

const end = async (child: ChildProcess, options: ProcessOptions): Promise<void> => {
  let stderr = "";
  child.stderr?.on("data", (chunk: Buffer) => {
    stderr = (stderr + chunk.toString("utf8")).slice(-maxStderrBytes);
  });
  // "close" waits for the pipes too, which nobody reads any more after an abort.
  const [code] = (await once(child, "exit")) as [number | null];
  options.signal.throwIfAborted();
  if (code !== 0) throw new FfmpegError(options.program, code ?? undefined, stderr);
};
