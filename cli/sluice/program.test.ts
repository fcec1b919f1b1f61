import { describe, expect, test } from "vitest";
import { buildProgram, runProgram } from "./program.ts";

function programThatPrints() {
  const { program } = buildProgram({
    version: "1.2.3",
    workingDirectory: "/",
    environment: {},
    signal: new AbortController().signal,
  });
  let printed = "";
  for (const command of [program, ...program.commands]) {
    command.configureOutput({
      writeOut: (text) => {
        printed += text;
      },
      writeErr: () => {},
      outputError: () => {},
      getOutHelpWidth: () => 80,
    });
  }
  return { program, printed: () => printed };
}

const verbs = programThatPrints().program.commands.map((verb) => verb.name());

describe("a command line that is wrong", () => {
  test.each([
    [["lst"], "list?"],
    [["list", "--jsn"], "--json?"],
    [["upload"], "FILE"],
    [["upload", "a.mp4", "--wait=forever"], "playable, ready"],
    [["upload", "a.mp4", "--dispatch", "shove"], "pull, push"],
    [["status"], "VIDEO"],
    [["status", "a", "b"], "too many arguments"],
    [["list", "--limit", "1.5"], "from 1 to 100"],
    [["list", "--limit", "0"], "from 1 to 100"],
    [["list", "--limit", "101"], "from 1 to 100"],
    [["completion", "tcsh"], "bash, zsh, fish"],
    [[], "--help"],
  ])("%j is refused, and the sentence helps with %j", async (argv, part) => {
    const { program } = programThatPrints();

    const act = runProgram(program, argv);

    await expect(act).rejects.toMatchObject({ code: "invalid-arguments" });
    await expect(act).rejects.toThrow(new RegExp(part.replace("?", "\\?"), "i"));
  });
});

describe("help", () => {
  test("lists every verb", async () => {
    const { program, printed } = programThatPrints();

    await runProgram(program, ["--help"]);

    for (const verb of verbs) expect(printed()).toContain(verb);
  });

  test.each(verbs)(
    "of %s has examples, the options of all verbs, and fits a terminal",
    async (verb) => {
      const asked = programThatPrints();
      await runProgram(asked.program, ["help", verb]);
      const flagged = programThatPrints();
      await runProgram(flagged.program, [verb, "--help"]);

      expect(asked.printed()).toBe(flagged.printed());
      expect(asked.printed()).toContain(`$ npx sluice ${verb}`);
      expect(asked.printed()).toContain("--json");
      expect(asked.printed()).toContain("--url");
      const lines = asked.printed().split("\n");
      expect(lines.filter((line) => line.length > 80)).toEqual([]);
    },
  );

  test("--version is the version alone", async () => {
    const { program, printed } = programThatPrints();

    await runProgram(program, ["--version"]);

    expect(printed()).toBe("1.2.3\n");
  });
});
