import { type Cron, nextCronTime, parseCron, ScheduleError } from "./cron.ts";

export { ScheduleError } from "./cron.ts";

export type Schedule =
  | { readonly kind: "rate"; readonly everyMs: number }
  | { readonly kind: "cron"; readonly cron: Cron };

const unitMs = { minute: 60_000, hour: 3_600_000, day: 86_400_000 } as const;

/** Reads `rate(5 minutes)` and `cron(0 4 * * ? *)`. @throws ScheduleError */
export function parseSchedule(expression: string): Schedule {
  const [, kind, content = ""] = /^(rate|cron)\((.*)\)$/.exec(expression) ?? [];
  if (kind === "cron") return { kind, cron: parseCron(content) };
  if (kind === "rate") return { kind, everyMs: parseRate(content) };
  throw new ScheduleError("a schedule is rate(value unit) or cron(six fields)");
}

/**
 * The first time after `afterMs`; undefined when there is none. All in epoch milliseconds.
 * @param sinceMs when the schedule began: a rate counts from there, over restarts too
 */
export function nextTime(schedule: Schedule, sinceMs: number, afterMs: number): number | undefined {
  if (schedule.kind === "cron") return nextCronTime(schedule.cron, afterMs);
  const passed = Math.max(0, Math.floor((afterMs - sinceMs) / schedule.everyMs));
  return sinceMs + (passed + 1) * schedule.everyMs;
}

function parseRate(content: string): number {
  const [, digits, unit, plural] = /^([1-9]\d{0,8}) (minute|hour|day)(s?)$/.exec(content) ?? [];
  const count = Number(digits);
  if (unit === undefined || count > 1 !== (plural === "s")) {
    throw new ScheduleError(
      "a rate is a whole number above 0 and minute(s), hour(s) or day(s), with s above 1",
    );
  }
  return count * unitMs[unit as keyof typeof unitMs];
}
