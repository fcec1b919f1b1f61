import { describe, expect, test } from "vitest";
import { fit, formatBytes, formatLength, printable } from "./text.ts";

describe("text for a terminal", () => {
  test.each([
    ["\u001b[31mred\u001b[0m", "red"],
    ["\u001b]0;title\u0007film", "film"],
    ["a\nb\rc\u0008", "a�b�c�"],
    ["film\u202e4pm", "film�4pm"],
    ["Ein Fülm 🎬 電影", "Ein Fülm 🎬 電影"],
  ])("%j cannot steer it: %j", (text, expected) => {
    expect(printable(text)).toBe(expected);
  });

  test("is cut where it must be, at the end or at the beginning", () => {
    expect(fit("holiday.mp4", 8)).toBe("holiday…");
    expect(fit("holiday.mp4", 8, "end")).toBe("…day.mp4");
    expect(fit("a", 3)).toBe("a  ");
  });

  test.each([
    [0, "0 kB"],
    [1_500_000, "1.5 MB"],
    [25_900_000_000, "25.9 GB"],
    [3e12, "3.0 TB"],
  ])("%d bytes are %s", (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text);
  });

  test.each([
    [0, "0:00"],
    [65_400, "1:05"],
    [3_723_000, "1:02:03"],
  ])("%d ms are %s", (ms, text) => {
    expect(formatLength(ms)).toBe(text);
  });
});
