import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { sourceFiles } from "./source-files.ts";

const directory = mkdtempSync(join(tmpdir(), "sluice-sources-"));
afterAll(() => rmSync(directory, { recursive: true }));
const put = (path: string, content: string | Buffer = "x") => {
  mkdirSync(join(directory, path, ".."), { recursive: true });
  writeFileSync(join(directory, path), content);
};
const transportStream = Buffer.alloc(400);
transportStream[0] = 0x47;
transportStream[188] = 0x47;
put("holiday/a.mp4");
put("holiday/deep/er/b.MKV");
put("holiday/notes.txt");
put("holiday/code.ts", "export {};");
put("holiday/tv.ts", transportStream);
put("papers/notes.txt");
mkdirSync(join(directory, "empty"));
symlinkSync(join(directory, "holiday"), join(directory, "papers", "loop"));

const shown = async (given: readonly string[], all = false) =>
  (await sourceFiles(given, { workingDirectory: directory, all })).map((file) => file.shown);

describe("files to upload", () => {
  test("a file is taken whatever its name", async () => {
    expect(await shown(["papers/notes.txt"])).toEqual(["papers/notes.txt"]);
  });

  test("of a folder the media files are taken, however deep, and no TypeScript", async () => {
    expect(await shown(["holiday"])).toEqual([
      "holiday/a.mp4",
      "holiday/deep/er/b.MKV",
      "holiday/tv.ts",
    ]);
  });

  test("--all takes every file, and follows no link", async () => {
    expect(await shown(["holiday"], true)).toHaveLength(5);
    expect(await shown(["papers"], true)).toEqual(["papers/notes.txt"]);
  });

  test("what is named twice is uploaded once", async () => {
    expect(await shown(["holiday/a.mp4", "holiday", "./holiday/a.mp4"])).toHaveLength(3);
  });

  test.each([
    ["missing.mp4", false, "file-unreadable", '"missing.mp4" does not exist'],
    ["holiday/a.mp4/below", false, "file-unreadable", "does not exist"],
    [`${"n".repeat(300)}.mp4`, false, "file-unreadable", "ENAMETOOLONG"],
    ["/dev/null", false, "file-unreadable", "neither a file nor a folder"],
    ["papers", false, "nothing-to-upload", "--all"],
    ["empty", true, "nothing-to-upload", "no files"],
  ])("%s is refused", async (given, all, code, part) => {
    const act = shown(["holiday/a.mp4", given], all);

    await expect(act).rejects.toMatchObject({ code });
    await expect(act).rejects.toThrow(part);
  });
});
