import { appendFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { followFunctionLog, parseMarks } from "./function-log.ts";
import { temporaryDirectory } from "./temporary-directory.ts";

const line = (kind: string) =>
  `2026-11-24T10:00:00.250Z r-1 ${kind} RequestId: r-1 Version: $LATEST\n`;

test("marks are told from what functions say themselves", () => {
  const said = '2026-11-24T10:00:00.250Z r-1 {"message":"START RequestId: r-1"}\n';

  expect(parseMarks(`${line("START")}${said}${line("END")}`)).toEqual([
    { kind: "START", timeMs: Date.parse("2026-11-24T10:00:00.250Z") },
    { kind: "END", timeMs: Date.parse("2026-11-24T10:00:00.250Z") },
  ]);
});

test("a log is followed from where it ends, whole lines alone, also before it exists", async () => {
  const directory = await temporaryDirectory("log");
  onTestFinished(() => directory[Symbol.asyncDispose]());
  const logs = join(directory.path, "logs");
  const file = join(logs, "Stack-TranscodePlan1234.log");
  const early = followFunctionLog(directory.path, "TranscodePlan");
  expect(early()).toEqual([]);

  mkdirSync(logs);
  appendFileSync(file, line("START"));
  const late = followFunctionLog(directory.path, "TranscodePlan");
  appendFileSync(file, line("END").slice(0, 20));

  expect(early().map(({ kind }) => kind)).toEqual(["START"]);
  expect(late()).toEqual([]);
  appendFileSync(file, line("END").slice(20));
  expect(early().map(({ kind }) => kind)).toEqual(["END"]);
  expect(late().map(({ kind }) => kind)).toEqual(["END"]);
});
