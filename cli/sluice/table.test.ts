import fc from "fast-check";
import stringWidth from "string-width";
import { describe, expect, test } from "vitest";
import { table } from "./table.ts";

const columns = [
  { title: "ID" },
  { title: "TITLE", takesRest: true },
  { title: "SIZE", right: true },
];

describe("a table", () => {
  test("puts cells below their titles", () => {
    const rows = [
      ["5f2c", "Film", "1.0 MB"],
      ["81aa", "A longer film", "12.0 MB"],
    ];
    expect(table(columns, rows, { width: 80, header: (line) => line }).split("\n")).toEqual([
      "ID    TITLE             SIZE",
      "5f2c  Film            1.0 MB",
      "81aa  A longer film  12.0 MB",
    ]);
  });

  test("is never wider than the terminal, whatever is written into it", () => {
    const title = fc.oneof(
      fc.string({ unit: "grapheme", maxLength: 200 }),
      fc.constant("電影".repeat(60)),
    );
    fc.assert(
      fc.property(
        fc.array(title, { maxLength: 5 }),
        fc.integer({ min: 40, max: 120 }),
        (titles, width) => {
          const printable = titles.map((text) => text.replace(/[\p{C}\p{Z}]/gu, ""));
          const rows = printable.map((text) => ["5f2c", text, "1.0 MB"]);
          for (const line of table(columns, rows, { width, header: (text) => text }).split("\n")) {
            expect(stringWidth(line)).toBeLessThanOrEqual(width);
          }
        },
      ),
    );
  });

  test("cuts nothing for a pipe", () => {
    const long = "film ".repeat(50).trim();
    expect(table(columns, [["5f2c", long, ""]], { width: undefined, header: undefined })).toContain(
      long,
    );
  });
});
