import type { DatabaseSync } from "node:sqlite";
import type { Clock } from "./clock.ts";
import type { Log } from "./context.ts";
import type { AwsService } from "./service.ts";
import { readSetting, writeSetting } from "./state/settings.ts";
import type { State } from "./state/state.ts";

const settingName = "clock-seen-at";
const everyMs = 15_000;
/** Clocks are set by small steps all the time; those hold nothing up. */
const toleranceMs = 5_000;

/**
 * Notices that the machine's clock was set back, here or while the cloud was not running, and moves
 * the times on disk with it: a message would else be hidden for as long as the clock went back. A
 * clock that goes forward only makes things fall due early, which every consumer must bear anyway.
 */
export function watchClock(
  { state, clock, log }: { state: State; clock: Clock; log: Log },
  services: readonly AwsService[],
): { stop(): void } {
  let timer: { cancel(): void } | undefined;

  function look(): void {
    timer = clock.schedule(everyMs, look);
    const now = clock.now();
    const seen = Number(readSetting(state, settingName) ?? now);
    const setBackMs = seen - now;
    try {
      state.transaction(() => {
        if (setBackMs > toleranceMs) moveTimes(state.database, services, now, setBackMs);
        writeSetting(state, settingName, String(now));
      });
    } catch (error) {
      // A full disk, for example: the next look sees the same difference.
      log("warn", "The time of the cloud's clock could not be kept", { error: String(error) });
      return;
    }
    if (setBackMs <= toleranceMs) return;
    log("warn", "The clock of this machine was set back; what waits was moved with it", {
      seconds: Math.round(setBackMs / 1000),
    });
    for (const service of services) service.rearm?.();
  }

  look();
  return { stop: () => timer?.cancel() };
}

/** Only what lies ahead: what is past stays past, so that no retention ends early by it. */
function moveTimes(
  database: DatabaseSync,
  services: readonly AwsService[],
  now: number,
  setBackMs: number,
): void {
  for (const { table, columns } of services.flatMap((service) => service.timedRows ?? [])) {
    for (const column of columns) {
      database
        .prepare(
          `UPDATE ${table} SET ${column} = max(:now, ${column} - :setBackMs) WHERE ${column} > :now`,
        )
        .run({ now, setBackMs });
    }
  }
}
