import { describe, expect, test } from "vitest";
import { parseBenchArguments } from "./bench-arguments.ts";

const benches = { upload: { summary: "parts beside parts" }, api: { summary: "calls" } };
const parse = (...argv: string[]) => parseBenchArguments(argv, benches);

describe("arguments of `npm run bench`", () => {
  test("a bench and its size", () => {
    expect(parse("upload")).toMatchObject({ name: "upload", size: "default" });
    expect(parse("--quick", "api")).toMatchObject({ name: "api", size: "quick" });
    expect(parse("api", "--full")).toEqual({ name: "api", size: "full", bench: benches.api });
  });

  test.each([
    [[], "Which bench?"],
    [["speed"], 'There is no bench "speed"'],
    [["constructor"], 'There is no bench "constructor"'],
    [["api", "upload"], "One bench at a time"],
    [["api", "--quick", "--full"], "Either --quick or --full"],
    [["api", "--fast"], "Unknown option '--fast'"],
  ])("%j is refused with a list of what there is", (argv, reason) => {
    const refused = () => parseBenchArguments(argv, benches);

    expect(refused).toThrow(reason);
    expect(refused).toThrow(/upload +parts beside parts/);
  });

  test("--help lists them too", () => {
    expect(parse("--help")).toEqual({ help: expect.stringContaining("api       calls") });
  });
});
