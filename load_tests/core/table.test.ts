import { expect, test } from "vitest";
import { rowOf } from "./row.ts";
import { digits, formatTable } from "./table.ts";

test.each([
  [0, "0"],
  [1234.5, "1235"],
  [100, "100"],
  [12.345, "12.3"],
  [1.5, "1.5"],
  [0.012345, "0.0123"],
])("%d is written %s", (value, text) => expect(digits(value)).toBe(text));

test("a missed target is seen in the table", () => {
  const table = formatTable([
    rowOf({
      what: "CPU time",
      unit: "s",
      ours: [12],
      baseline: { name: "plain ladder", values: [10] },
      target: { atMost: 1.05 },
    }),
  ]);

  for (const part of ["CPU time", "12 s", "10 s", "plain ladder", "1.2", "1.05 MISSED"]) {
    expect(table).toContain(part);
  }
});
