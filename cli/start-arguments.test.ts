import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { parseStartArguments } from "./start-arguments.ts";

const directory = mkdtempSync(join(tmpdir(), "sluice-arguments-"));
writeFileSync(join(directory, "film.mp4"), "x");
afterAll(() => rmSync(directory, { recursive: true }));

describe("start arguments", () => {
  test("relative paths are relative to where the command was typed", () => {
    const parsed = parseStartArguments(["film.mp4", "--data-dir", "data"], directory);

    expect(parsed.files).toEqual([join(directory, "film.mp4")]);
    expect(parsed.dataDir).toBe(join(directory, "data"));
  });

  test("the way to the workers is left to the deployment unless it is given", () => {
    expect(parseStartArguments([], directory).dispatch).toBeUndefined();
    expect(parseStartArguments(["--dispatch", "push"], directory).dispatch).toBe("push");
  });

  test.each([
    [["--prot", "1"], "invalid-arguments", "--prot"],
    [["--port", "http"], "invalid-arguments", '"http"'],
    [["--port", "70000"], "invalid-arguments", '"70000"'],
    [["--dispatch", "shove"], "invalid-arguments", 'pull or push, not "shove"'],
    [["missing.mp4"], "file-unreadable", '"missing.mp4"'],
    [["."], "file-unreadable", "not a file"],
  ])("%j is refused with the code %s and names what is wrong", (argv, code, part) => {
    const act = () => parseStartArguments(argv, directory);

    expect(act).toThrowError(expect.objectContaining({ code }));
    expect(act).toThrowError(part);
  });
});
