import { spawnSync } from "node:child_process";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { ensureFfmpeg, onPath } from "./setup.mjs";

const pair = { ffmpeg: "/bin/ffmpeg", ffprobe: "/bin/ffprobe" };
/** A machine where nothing may be installed; `undefined` would ask the real one. */
const cannotInstall = null as unknown as undefined;

describe("ffmpeg", () => {
  test("is used where it is found, and nothing is installed", () => {
    const installed: string[] = [];

    const found = ensureFfmpeg(
      () => pair,
      (name) => installed.push(name) > 0,
    );

    expect(found).toEqual(pair);
    expect(installed).toEqual([]);
  });

  test("is installed where that is allowed, and looked for again", () => {
    let present: typeof pair | undefined;

    const found = ensureFfmpeg(
      () => present,
      () => {
        present = pair;
        return true;
      },
    );

    expect(found).toEqual(pair);
  });

  test("missing for good is one sentence that says what to install", () => {
    const act = () => ensureFfmpeg(() => undefined, cannotInstall);

    expect(act).toThrowError(expect.objectContaining({ code: "ffmpeg-missing" }));
    expect(act).toThrowError(/install them .* and run the command again\.$/);
  });
});

test("a command that is not on PATH is not found", () => {
  expect(onPath("no-such-command-anywhere")).toBeUndefined();
});

test("the start script refuses an unknown flag in one sentence and a non-zero exit", () => {
  const script = join(dirname(import.meta.dirname), "scripts", "start.mjs");

  const result = spawnSync(process.execPath, [script, "--prot", "1"], { encoding: "utf8" });

  expect(result.status).toBe(1);
  expect(result.stderr.trim().split("\n").at(-1)).toContain("--prot");
});
