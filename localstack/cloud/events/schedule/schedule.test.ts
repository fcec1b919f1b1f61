import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { nextTime, parseSchedule, ScheduleError } from "./expression.ts";

const at = (text: string) => Date.parse(`${text}Z`);

/** The next times of a schedule, as `2026-01-31T09:00`. */
function times(expression: string, count = 3, from = "2026-01-01T00:00"): string[] {
  const schedule = parseSchedule(expression);
  const found: string[] = [];
  let after = at(from);
  while (found.length < count) {
    const next = nextTime(schedule, at(from), after);
    if (next === undefined) break;
    found.push(new Date(next).toISOString().slice(0, 16));
    after = next;
  }
  return found;
}

describe("cron", () => {
  it.each([
    ["0 10 * * ? *", ["2026-01-01T10:00", "2026-01-02T10:00", "2026-01-03T10:00"]],
    ["0/30 * * * ? *", ["2026-01-01T00:30", "2026-01-01T01:00", "2026-01-01T01:30"]],
    ["5,10/25 0 * * ? *", ["2026-01-01T00:05", "2026-01-01T00:10", "2026-01-01T00:35"]],
    ["0 9-17/4 ? * MON-FRI *", ["2026-01-01T09:00", "2026-01-01T13:00", "2026-01-01T17:00"]],
    ["0 18 ? * sat *", ["2026-01-03T18:00", "2026-01-10T18:00", "2026-01-17T18:00"]],
    ["0 9 ? * 1 *", ["2026-01-04T09:00", "2026-01-11T09:00", "2026-01-18T09:00"]],
    ["0 9 ? * L *", ["2026-01-03T09:00", "2026-01-10T09:00", "2026-01-17T09:00"]],
    ["15 10 ? * 6L 2026-2027", ["2026-01-30T10:15", "2026-02-27T10:15", "2026-03-27T10:15"]],
    ["0 9 ? * 3#2 *", ["2026-01-13T09:00", "2026-02-10T09:00", "2026-03-10T09:00"]],
    ["0 9 ? * TUE#5 *", ["2026-03-31T09:00", "2026-06-30T09:00", "2026-09-29T09:00"]],
    ["0 9 L * ? *", ["2026-01-31T09:00", "2026-02-28T09:00", "2026-03-31T09:00"]],
    ["0 9 3W * ? *", ["2026-01-02T09:00", "2026-02-03T09:00", "2026-03-03T09:00"]],
    ["0 9 1W 2,8,11 ? *", ["2026-02-02T09:00", "2026-08-03T09:00", "2026-11-02T09:00"]],
    ["0 9 31W 1-6 ? *", ["2026-01-30T09:00", "2026-02-27T09:00", "2026-03-31T09:00"]],
    ["0 0 29 FEB ? *", ["2028-02-29T00:00", "2032-02-29T00:00", "2036-02-29T00:00"]],
    ["0 0 1 JAN/6 ? 2026/3", ["2026-07-01T00:00", "2029-01-01T00:00", "2029-07-01T00:00"]],
    ["0 0 31 2 ? *", []],
    ["0 0 1 1 ? 2025", []],
    ["0 0 1 1 ? 2199", ["2199-01-01T00:00"]],
  ])("%s", (fields, expected) => {
    expect(times(`cron(${fields})`)).toEqual(expected);
  });

  it("does not run at the time from which it is asked", () => {
    expect(times("cron(0 10 * * ? *)", 1, "2026-01-01T10:00")).toEqual(["2026-01-02T10:00"]);
  });

  it.each([
    ["0 10 * * *", /six fields, not 5/],
    ["", /six fields, not 0/],
    ["60 10 * * ? *", /"60" is not accepted in minutes, which counts from 0 to 59/],
    ["0 24 * * ? *", /hours/],
    ["0 10 0 * ? *", /day-of-month/],
    ["0 10 * 13 ? *", /month/],
    ["0 10 ? * 0 *", /day-of-week/],
    ["0 10 * * ? 1969", /year/],
    ["0 10 * * * *", /one of day-of-month and day-of-week is \?/],
    ["0 10 ? * ? *", /one of day-of-month and day-of-week is \?/],
    ["0 10 ? * 3#1,6#3 *", /day-of-week/],
    ["0 10 ? * 3#6 *", /day-of-week/],
    ["0 10 LW * ? *", /day-of-month/],
    ["0/0 10 * * ? *", /minutes/],
    ["5-1 10 * * ? *", /"5-1" is not accepted in minutes/],
    ["1-2-3 10 * * ? *", /minutes/],
    ["1/2/3 10 * * ? *", /minutes/],
    ["? 10 * * ? *", /minutes/],
    ["0 10 * JANUARY ? *", /month/],
    ["-5 10 * * ? *", /minutes/],
  ])("%s is refused", (fields, reason) => {
    expect(() => parseSchedule(`cron(${fields})`)).toThrow(reason);
  });

  /** What a field means, said once more and as plainly as it goes. */
  const term = (min: number, max: number) =>
    fc.oneof(
      fc.constant({ text: "*", holds: () => true }),
      fc.integer({ min, max }).map((a) => ({ text: `${a}`, holds: (it: number) => it === a })),
      fc
        .tuple(fc.integer({ min, max }), fc.integer({ min, max }), fc.integer({ min: 1, max: 9 }))
        .map(([a, b, step]) => {
          const [low, high] = [Math.min(a, b), Math.max(a, b)];
          return {
            text: `${low}-${high}/${step}`,
            holds: (it: number) => it >= low && it <= high && (it - low) % step === 0,
          };
        }),
    );

  it("runs at the first minute that all its fields take", () => {
    const cron = fc.record({
      minutes: term(0, 59),
      hours: term(0, 23),
      month: term(1, 12),
      dayOfMonth: term(1, 31),
      dayOfWeek: term(1, 7),
      byWeek: fc.boolean(),
    });
    const from = fc.integer({ min: at("2026-01-01T00:00"), max: at("2030-01-01T00:00") });
    fc.assert(
      fc.property(cron, from, ({ minutes, hours, month, dayOfMonth, dayOfWeek, byWeek }, after) => {
        const days = byWeek
          ? `? ${month.text} ${dayOfWeek.text}`
          : `${dayOfMonth.text} ${month.text} ?`;
        const schedule = parseSchedule(`cron(${minutes.text} ${hours.text} ${days} *)`);
        const next = nextTime(schedule, 0, after);
        const holds = (time: number) => {
          const date = new Date(time);
          return (
            minutes.holds(date.getUTCMinutes()) &&
            hours.holds(date.getUTCHours()) &&
            month.holds(date.getUTCMonth() + 1) &&
            (byWeek ? dayOfWeek.holds(date.getUTCDay() + 1) : dayOfMonth.holds(date.getUTCDate()))
          );
        };
        // A month is searched minute by minute; what lies further away only has to hold.
        const first = (Math.floor(after / 60_000) + 1) * 60_000;
        const end = Math.min(next ?? Number.POSITIVE_INFINITY, first + 31 * 86_400_000);
        for (let time = first; time < end; time += 60_000) {
          if (holds(time)) return false;
        }
        return next === undefined || (next > after && holds(next));
      }),
      { numRuns: 60 },
    );
  });

  it("is read or refused in words, and never fails otherwise", () => {
    const characters = [..."0123456789*/-,?LW#", "MON", "JAN", " "];
    const text = fc.array(fc.constantFrom(...characters), { maxLength: 24 });
    fc.assert(
      fc.property(text, (parts) => {
        try {
          nextTime(parseSchedule(`cron(${parts.join("")})`), 0, at("2026-01-01T00:00"));
        } catch (error) {
          expect(error).toBeInstanceOf(ScheduleError);
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe("rate", () => {
  it("counts from when it began, and makes up for nothing", () => {
    const schedule = parseSchedule("rate(5 minutes)");
    const since = at("2026-01-01T00:02");
    expect(nextTime(schedule, since, since)).toBe(at("2026-01-01T00:07"));
    expect(nextTime(schedule, since, at("2026-01-01T00:07"))).toBe(at("2026-01-01T00:12"));
    expect(nextTime(schedule, since, at("2026-01-09T10:09"))).toBe(at("2026-01-09T10:12"));
  });

  it.each([
    ["rate(1 minute)", 60_000],
    ["rate(12 hours)", 43_200_000],
    ["rate(7 days)", 604_800_000],
  ])("%s", (expression, everyMs) => {
    expect(parseSchedule(expression)).toEqual({ kind: "rate", everyMs });
  });

  it.each([
    "rate(0 minutes)",
    "rate(1 minutes)",
    "rate(5 minute)",
    "rate(5 seconds)",
    "rate(1.5 hours)",
    "rate(5minutes)",
    "at(2026-01-01T00:00:00)",
    "rate(5 minutes",
    "",
  ])("%s is refused", (expression) => {
    expect(() => parseSchedule(expression)).toThrow(ScheduleError);
  });
});
