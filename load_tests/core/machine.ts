import { execFileSync } from "node:child_process";
import { cpus, loadavg, totalmem } from "node:os";
import { z } from "zod";

/** What a figure was measured on. Nothing in it names a machine or a person. */
export const machineSchema = z.strictObject({
  cpu: z.string(),
  cores: z.int().min(1),
  memoryMiB: z.int().min(1),
  system: z.string(),
  node: z.string(),
  ffmpeg: z.string(),
  /** Runnable processes over the last minute, before the bench began: above 0.5 it had company. */
  loadBefore: z.number(),
});
export type Machine = z.infer<typeof machineSchema>;

export function describeMachine(): Machine {
  const processors = cpus();
  return {
    cpu: processors[0]?.model.trim() ?? "unknown",
    cores: processors.length,
    memoryMiB: Math.round(totalmem() / 1024 ** 2),
    system: `${process.platform} ${process.arch}`,
    node: process.version,
    ffmpeg: ffmpegVersion(),
    loadBefore: Number((loadavg()[0] ?? 0).toFixed(2)),
  };
}

function ffmpegVersion(): string {
  const printed = execFileSync(process.env.SLUICE_FFMPEG ?? "ffmpeg", ["-version"], {
    encoding: "utf8",
  });
  return /^ffmpeg version (\S+)/.exec(printed)?.[1] ?? "unknown";
}
