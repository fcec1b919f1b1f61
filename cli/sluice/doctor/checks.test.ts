import { describe, expect, test } from "vitest";
import { lacking } from "./ffmpeg-checks.ts";
import { judgeDisk } from "./machine-checks.ts";
import { judgeClock } from "./target-checks.ts";

describe("the doctor's verdict", () => {
  test.each([
    [20e9, "ok"],
    [5e9, "optional"],
    [0.5e9, "missing"],
  ])("on a disk with %d bytes free is %s", (free, status) => {
    expect(judgeDisk(free, "/data").status).toBe(status);
  });

  const now = Date.parse("2026-01-01T00:00:00Z");
  const later = (seconds: number) => new Date(now + seconds * 1000).toUTCString();
  test.each([
    [later(0), "ok", "agrees"],
    [later(59), "ok", "agrees"],
    [later(3_600), "missing", "3600 s behind"],
    [later(-120), "missing", "120 s ahead"],
    [undefined, "optional", "does not say"],
    ["yesterday", "optional", "does not say"],
  ])("on a server's date of %j is %s", (date, status, part) => {
    expect(judgeClock(date, now)).toMatchObject({
      status,
      message: expect.stringContaining(part),
    });
  });

  test("on an ffmpeg names what it was built without", () => {
    expect(lacking("encoders", ["libx264", "aac"], new Set(["aac"]))).toMatchObject({
      status: "missing",
      message: expect.stringContaining("libx264"),
    });
  });
});
