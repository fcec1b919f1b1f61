import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { onPath } from "../../../scripts/setup.mjs";
import { buildProgram } from "../program.ts";
import { bashCompletion } from "./bash.ts";
import { fishCompletion } from "./fish.ts";
import { verbWords } from "./words.ts";
import { zshCompletion } from "./zsh.ts";

const { program } = buildProgram({
  version: "1.2.3",
  workingDirectory: "/",
  environment: {},
  signal: new AbortController().signal,
});
const verbs = verbWords(program);
const scripts = {
  bash: bashCompletion(verbs),
  zsh: zshCompletion(verbs),
  fish: fishCompletion(verbs),
};

const directory = mkdtempSync(join(tmpdir(), "sluice-completion-"));
afterAll(() => rmSync(directory, { recursive: true }));
writeFileSync(join(directory, "film.mp4"), "");
for (const [shell, script] of Object.entries(scripts)) {
  writeFileSync(join(directory, shell), script);
}

describe.each(["bash", "zsh", "fish"] as const)("the completion of %s", (shell) => {
  test("has every verb and every long option of it", () => {
    for (const verb of verbs) {
      expect(scripts[shell]).toContain(verb.name);
      for (const { flags } of verb.options) {
        const [long = ""] = flags;
        expect(scripts[shell]).toContain(shell === "fish" ? `-l ${long.slice(2)}` : long);
      }
    }
  });

  test.skipIf(onPath(shell) === undefined)(`is a script that ${shell} understands`, () => {
    const check = shell === "fish" ? "--no-execute" : "-n";
    const { status, stderr } = spawnSync(shell, [check, join(directory, shell)], {
      encoding: "utf8",
    });
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  });
});

const inBash = (...words: readonly string[]) =>
  execFileSync(
    "bash",
    [
      "-c",
      `source ./bash; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _sluice; echo "\${COMPREPLY[@]}"`,
      ...["_", ...words],
    ],
    { cwd: directory, encoding: "utf8" },
  ).trim();

describe.skipIf(onPath("bash") === undefined)("bash completes", () => {
  test.each([
    [["sluice", "up"], "upload"],
    [["sluice", "--json", "li"], "list"],
    [["sluice", "upload", "--no"], "--no-wait"],
    [["sluice", "upload", "--wait", "=", "r"], "ready"],
    [["sluice", "upload", "--wait", "="], "playable ready"],
    [["sluice", "upload", "fil"], "film.mp4"],
    [["sluice", "status", "fil"], ""],
    [["sluice", "list", "--limit", ""], ""],
    [["sluice", "completion", "f"], "fish"],
    [["sluice", "help", "can"], "cancel"],
  ])("%j to %j", (words, expected) => {
    expect(inBash(...words)).toBe(expected);
  });
});

const inFish = (line: string) =>
  execFileSync("fish", ["--no-config", "-c", `source ./fish; complete -C "${line}"`], {
    cwd: directory,
    encoding: "utf8",
    env: { ...process.env, HOME: directory },
  })
    .trim()
    .split("\n")
    .map((completion) => completion.split("\t")[0]);

describe.skipIf(onPath("fish") === undefined)("fish completes", () => {
  test.each([
    ["sluice up", ["upload"]],
    ["sluice upload --wait=", ["--wait=playable", "--wait=ready"]],
    ["sluice completion ", ["bash", "fish", "zsh"]],
    ["sluice upload fil", ["film.mp4"]],
  ])("%j", (line, expected) => {
    expect(inFish(line).toSorted()).toEqual(expected);
  });
});
