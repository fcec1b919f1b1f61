import { defaultUrl, type Target } from "../target.ts";
import type { Check } from "./check.ts";
import { ffmpegChecks } from "./ffmpeg-checks.ts";
import {
  diskCheck,
  nodeCheck,
  optionalChecks,
  portCheck,
  postgresCheck,
} from "./machine-checks.ts";
import { targetChecks } from "./target-checks.ts";

export async function allChecks(of: {
  readonly target: () => Promise<Target>;
  /** The Sluice that a person named; the default one may be absent. */
  readonly chosenUrl: string | undefined;
  readonly signal: AbortSignal;
  readonly workingDirectory: string;
}): Promise<Check[]> {
  const target = await targetChecks(of.target, of.chosenUrl !== undefined, of.signal);
  const isOurs = target[0]?.status === "ok" && (of.chosenUrl ?? defaultUrl) === defaultUrl;
  return [
    nodeCheck(),
    postgresCheck(),
    ...(await ffmpegChecks()),
    await diskCheck(of.workingDirectory),
    await portCheck(isOurs),
    ...(await optionalChecks()),
    ...target,
  ];
}
