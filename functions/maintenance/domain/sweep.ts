import type { Log } from "../../transcode/ports.ts";

/** Something that may have gone wrong, and what mends it. */
export interface Finding {
  readonly videoId?: string;
  mend(log: Log): Promise<void>;
}

/** One thing to look for. What it finds it takes, so that the next run finds others first. */
export interface Rule {
  readonly name: string;
  find(now: Date, limit: number): Promise<Finding[]>;
}

/** Findings of one rule a run: what is left is found by the next. */
export const findingsPerRun = 50;

/** Some findings could not be mended; each is tried again by a later run. */
export class SweepError extends AggregateError {
  override readonly name = "SweepError";
}

/**
 * Looks once for all that was lost, cut off or forgotten, and mends it. One failure stops no other.
 *
 * @param signal ends it between two findings
 * @throws SweepError
 */
export const sweep =
  (rules: readonly Rule[]) =>
  async (now: Date, log: Log, signal: AbortSignal): Promise<Readonly<Record<string, number>>> => {
    const errors: unknown[] = [];
    const mended: Record<string, number> = {};
    const attempt = async (
      rule: string,
      videoId: string | undefined,
      work: () => Promise<void>,
    ) => {
      try {
        await work();
      } catch (error) {
        log.warn("The sweeper failed", { rule, video_id: videoId, reason: String(error) });
        errors.push(error);
      }
    };
    for (const rule of rules) {
      mended[rule.name] = 0;
      await attempt(rule.name, undefined, async () => {
        for (const finding of await rule.find(now, findingsPerRun)) {
          if (signal.aborted) return;
          await attempt(rule.name, finding.videoId, async () => {
            await finding.mend(log);
            mended[rule.name] = (mended[rule.name] ?? 0) + 1;
          });
        }
      });
    }
    if (errors.length > 0)
      throw new SweepError(errors, `${errors.length} findings were not mended.`);
    return mended;
  };
