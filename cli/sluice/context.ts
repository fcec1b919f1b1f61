import type { Output } from "./output.ts";
import type { Target } from "./target.ts";

/** What every verb stands on. */
export interface VerbContext {
  readonly output: Output;
  /** The Sluice that --url, SLUICE_URL or the default names; asked for once. */
  target(): Promise<Target>;
  /** Aborts at Ctrl-C: a verb ends what it does and leaves things as they can be resumed. */
  readonly signal: AbortSignal;
  readonly workingDirectory: string;
  readonly environment: NodeJS.ProcessEnv;
  /** For a verb that did its work and found something wrong. */
  exitWith(code: number): void;
}
