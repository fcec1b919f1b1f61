import { describe, expect, it } from "vitest";
import { z } from "zod";
import { readEnvironment } from "./environment.ts";

describe("readEnvironment", () => {
  const shape = { BUCKET: z.string().min(1), LIMIT: z.coerce.number().int() };

  it("reads what a function names and lets the rest pass by", () => {
    expect(readEnvironment(shape, { BUCKET: "b", LIMIT: "5", PATH: "/bin" })).toEqual({
      BUCKET: "b",
      LIMIT: 5,
    });
  });

  it("names every variable that is wrong, and no value", () => {
    const read = () => readEnvironment(shape, { LIMIT: "hunter2" });
    expect(read).toThrow(/BUCKET: .*LIMIT: /);
    expect(read).not.toThrow(/hunter2/);
  });
});
