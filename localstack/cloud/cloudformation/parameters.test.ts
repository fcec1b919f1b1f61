import { describe, expect, it } from "vitest";
import { resolveParameters } from "./parameters.ts";
import { parseTemplate } from "./template.ts";

const resolve = (parameter: object, given: Record<string, string> = {}) =>
  resolveParameters(
    "S",
    parseTemplate("S", { Resources: {}, Parameters: { P: parameter } }).Parameters,
    given,
  ).get("P");

describe("parameters", () => {
  it("take what was given, else the default, in their type", () => {
    expect(resolve({ Type: "String", Default: "d" })).toBe("d");
    expect(resolve({ Type: "String", Default: "d" }, { P: "g" })).toBe("g");
    expect(resolve({ Type: "Number", Default: 3 })).toBe(3);
    expect(resolve({ Type: "CommaDelimitedList", Default: "a, b" })).toEqual(["a", "b"]);
  });

  it.each<[string, object, Record<string, string>, string]>([
    ["a missing one", { Type: "String" }, {}, "needs the parameter P"],
    ["an unknown one", { Type: "String", Default: "" }, { Q: "x" }, "no parameter Q. It has: P."],
    ["a value off the list", { Type: "String", AllowedValues: ["a"] }, { P: "s3cret" }, "one of a"],
    [
      "a value off the pattern",
      { Type: "String", AllowedPattern: "[a-z]+" },
      { P: "s3cret" },
      "match",
    ],
    ["a short value", { Type: "String", MinLength: 9 }, { P: "s3cret" }, "at least 9"],
    ["what is no number", { Type: "Number" }, { P: "s3cret" }, "must be a number"],
    ["a number too large", { Type: "Number", MaxValue: 5 }, { P: "6" }, "at most 5"],
  ])("refuse %s by name, without its value", (_, parameter, given, message) => {
    const act = () => resolve(parameter, given);

    expect(act).toThrow(message);
    expect(act).not.toThrow("s3cret");
  });

  it("do not look into Parameter Store, which CDK names in every stack", () => {
    const type = "AWS::SSM::Parameter::Value<String>";

    expect(resolve({ Type: type, Default: "/cdk-bootstrap/hnb659fds/version" })).toBeUndefined();
  });
});
