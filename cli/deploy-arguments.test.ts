import { describe, expect, test } from "vitest";
import { parseDeployArguments } from "./deploy-arguments.ts";

const complete = ["--issuer", "https://i.example", "--audience", "sluice", "--client-id", "page"];

describe("deploy arguments", () => {
  test("the region comes from the environment when no flag names it", () => {
    expect(parseDeployArguments(complete, { AWS_REGION: "eu-central-1" })?.region).toBe(
      "eu-central-1",
    );
    expect(
      parseDeployArguments([...complete, "--region", "us-gov-west-1"], { AWS_REGION: "eu-west-1" })
        ?.region,
    ).toBe("us-gov-west-1");
  });

  test.each([
    [complete, "--region"],
    [[...complete, "--region", "Mars"], "--region"],
    [["--issuer", "nowhere", "--region", "eu-west-1"], "--issuer"],
    [[...complete, "--isuer", "x"], "--isuer"],
  ])("%j is refused and names what is wrong", (argv, part) => {
    const act = () => parseDeployArguments(argv, {});

    expect(act).toThrowError(expect.objectContaining({ code: "invalid-arguments" }));
    expect(act).toThrowError(part);
  });

  test("help wants nothing else", () => {
    expect(parseDeployArguments(["--help"], {})).toBeUndefined();
  });
});
