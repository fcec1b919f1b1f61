/**
 * Cron expressions of EventBridge: `minutes hours day-of-month month day-of-week year`, in UTC
 * (https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html).
 *
 * Written here, since the libraries read another language: croner has no `a/n`, no `L` in the week and
 * another `?`; aws-cron-parser answers March 1 for February 29 and takes what EventBridge refuses.
 */
export interface Cron {
  /** Each list in order. Months count from 1. */
  readonly minutes: readonly number[];
  readonly hours: readonly number[];
  readonly months: readonly number[];
  readonly years: readonly number[];
  readonly days: DayRule;
}

/** Days of the week count from 0, Sunday. */
type DayRule =
  | { readonly kind: "days-of-month"; readonly days: readonly number[] }
  | { readonly kind: "last-day-of-month" }
  | { readonly kind: "weekday-nearest-to"; readonly day: number }
  | { readonly kind: "days-of-week"; readonly days: readonly number[] }
  | { readonly kind: "last-of-month"; readonly dayOfWeek: number }
  | { readonly kind: "nth-of-month"; readonly dayOfWeek: number; readonly nth: number };

/** Why an expression is refused. */
export class ScheduleError extends Error {}

interface Field {
  readonly name: string;
  readonly min: number;
  readonly max: number;
  /** What stands for `min`, `min + 1` … */
  readonly names?: readonly string[];
}

const fields = {
  minutes: { name: "minutes", min: 0, max: 59 },
  hours: { name: "hours", min: 0, max: 23 },
  dayOfMonth: { name: "day-of-month", min: 1, max: 31 },
  month: {
    name: "month",
    min: 1,
    max: 12,
    names: ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"],
  },
  dayOfWeek: {
    name: "day-of-week",
    min: 1,
    max: 7,
    names: ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"],
  },
  year: { name: "year", min: 1970, max: 2199 },
} as const satisfies Record<string, Field>;

/** Reads the six fields. @throws ScheduleError which field is wrong, and how */
export function parseCron(text: string): Cron {
  const parts = text.trim().toUpperCase().split(/\s+/);
  const [minutes, hours, dayOfMonth, month, dayOfWeek, year] = parts;
  if (parts.length !== 6 || !minutes || !hours || !dayOfMonth || !month || !dayOfWeek || !year) {
    throw new ScheduleError(`cron has six fields, not ${text.trim() === "" ? 0 : parts.length}`);
  }
  return {
    minutes: values(fields.minutes, minutes),
    hours: values(fields.hours, hours),
    months: values(fields.month, month),
    years: values(fields.year, year),
    days: dayRule(dayOfMonth, dayOfWeek),
  };
}

/** The first time after `afterMs` (both epoch milliseconds); undefined when there is none. */
export function nextCronTime(cron: Cron, afterMs: number): number | undefined {
  const from = new Date(afterMs);
  for (const year of cron.years) {
    if (year < from.getUTCFullYear()) continue;
    for (const month of cron.months) {
      if (Date.UTC(year, month, 1) <= afterMs) continue;
      for (const day of daysIn(cron.days, year, month)) {
        if (Date.UTC(year, month - 1, day + 1) <= afterMs) continue;
        for (const hour of cron.hours) {
          if (Date.UTC(year, month - 1, day, hour + 1) <= afterMs) continue;
          for (const minute of cron.minutes) {
            const at = Date.UTC(year, month - 1, day, hour, minute);
            if (at > afterMs) return at;
          }
        }
      }
    }
  }
  return undefined;
}

function dayRule(dayOfMonth: string, dayOfWeek: string): DayRule {
  if ((dayOfMonth === "?") === (dayOfWeek === "?")) {
    throw new ScheduleError("one of day-of-month and day-of-week is ?, and not both");
  }
  return dayOfWeek === "?" ? dayOfMonthRule(dayOfMonth) : dayOfWeekRule(dayOfWeek);
}

function dayOfMonthRule(text: string): DayRule {
  if (text === "L") return { kind: "last-day-of-month" };
  const weekday = /^(\w+)W$/.exec(text)?.[1];
  if (weekday !== undefined) {
    return { kind: "weekday-nearest-to", day: value(fields.dayOfMonth, weekday) };
  }
  return { kind: "days-of-month", days: values(fields.dayOfMonth, text) };
}

function dayOfWeekRule(text: string): DayRule {
  if (text === "L") return { kind: "days-of-week", days: [6] };
  const dayOf = (it: string) => value(fields.dayOfWeek, it) - 1;
  const last = /^(\w+)L$/.exec(text)?.[1];
  if (last !== undefined) return { kind: "last-of-month", dayOfWeek: dayOf(last) };
  const [, day, nth] = /^(\w+)#([1-5])$/.exec(text) ?? [];
  if (day !== undefined) {
    return { kind: "nth-of-month", dayOfWeek: dayOf(day), nth: Number(nth) };
  }
  return { kind: "days-of-week", days: values(fields.dayOfWeek, text).map((it) => it - 1) };
}

/** `*`, `a`, `a-b`, each with `/step`, in a list. `a/step` goes to the end of the field. */
function values(field: Field, text: string): number[] {
  const found = new Set<number>();
  for (const term of text.split(",")) {
    const [range = "", step, ...more] = term.split("/");
    const [first = "", last, ...others] = range.split("-");
    if (more.length > 0 || others.length > 0) throw wrong(field, term);
    const every = first === "*" && last === undefined;
    const from = every ? field.min : value(field, first);
    const to = last === undefined ? (every || step ? field.max : from) : value(field, last);
    if (from > to) throw wrong(field, term);
    const by = step === undefined ? 1 : Number(/^\d{1,4}$/.exec(step)?.[0] ?? 0);
    if (by < 1) throw wrong(field, term);
    for (let it = from; it <= to; it += by) found.add(it);
  }
  return [...found].sort((a, b) => a - b);
}

function value(field: Field, text: string): number {
  const named = field.names?.indexOf(text) ?? -1;
  const number = named >= 0 ? field.min + named : /^\d{1,4}$/.test(text) ? Number(text) : -1;
  if (number < field.min || number > field.max) throw wrong(field, text);
  return number;
}

function wrong({ name, min, max }: Field, text: string): ScheduleError {
  return new ScheduleError(
    `"${text}" is not accepted in ${name}, which counts from ${min} to ${max}`,
  );
}

/** The days of one month that a rule means, in order. */
function daysIn(rule: DayRule, year: number, month: number): readonly number[] {
  const length = new Date(Date.UTC(year, month, 0)).getUTCDate();
  const firstDayOfWeek = new Date(Date.UTC(year, month - 1, 1)).getUTCDay();
  const dayOfWeek = (day: number) => (firstDayOfWeek + day - 1) % 7;
  const all = Array.from({ length }, (_, index) => index + 1);
  switch (rule.kind) {
    case "days-of-month":
      return rule.days.filter((day) => day <= length);
    case "last-day-of-month":
      return [length];
    case "weekday-nearest-to":
      return [nearestWeekday(Math.min(rule.day, length), length, dayOfWeek)];
    case "days-of-week":
      return all.filter((day) => rule.days.includes(dayOfWeek(day)));
    case "last-of-month":
      return all.filter((day) => dayOfWeek(day) === rule.dayOfWeek).slice(-1);
    case "nth-of-month":
      return all.filter((day) => dayOfWeek(day) === rule.dayOfWeek).slice(rule.nth - 1, rule.nth);
  }
}

/** Saturday gives way to Friday and Sunday to Monday, but not into another month. */
function nearestWeekday(day: number, length: number, dayOfWeek: (day: number) => number): number {
  if (dayOfWeek(day) === 6) return day === 1 ? 3 : day - 1;
  if (dayOfWeek(day) === 0) return day === length ? day - 2 : day + 1;
  return day;
}
