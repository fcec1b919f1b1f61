import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { authorizerAnswer, judge } from "./authorizer-answer.ts";
import { matchesWildcard } from "./wildcard.ts";

const arn = "arn:aws:execute-api:us-east-1:000000000000:abc/api/GET/videos/7";
const policy = (...Statement: unknown[]) =>
  authorizerAnswer.parse({
    principalId: "me",
    policyDocument: { Version: "2012-10-17", Statement },
  }).policyDocument;
const allow = (Resource: unknown, Action: unknown = "execute-api:Invoke") => ({
  Effect: "Allow",
  Action,
  Resource,
});
const deny = (Resource: unknown) => ({ ...allow(Resource), Effect: "Deny" });

describe("the policy of an authorizer", () => {
  it.each([
    ["allow", policy(allow(arn))],
    ["allow", policy(allow(["x", "arn:aws:execute-api:*:*:abc/api/*"], ["EXECUTE-API:*"]))],
    ["implicit-deny", policy()],
    ["implicit-deny", policy(allow(arn.replace("GET", "POST")))],
    ["implicit-deny", policy(allow(arn, "s3:GetObject"))],
    ["explicit-deny", policy(allow("*"), deny("*/GET/*"))],
    ["explicit-deny", policy(deny(arn))],
  ])("is %s", (verdict, document) => {
    expect(judge(document, arn)).toBe(verdict);
  });

  it("with a condition is not understood, so not taken for allowed", () => {
    const conditional = {
      ...allow("*"),
      Condition: { IpAddress: { "aws:SourceIp": "10.0.0.0/8" } },
    };
    expect(() => policy(conditional)).toThrow();
  });

  it("wildcards agree with the regular expression that they stand for", () => {
    const letters = (alphabet: string) =>
      fc
        .array(fc.constantFrom(...alphabet.split("")), { maxLength: 10 })
        .map((all) => all.join(""));
    fc.assert(
      fc.property(letters("ab*?"), letters("ab"), (pattern, text) => {
        const regular = new RegExp(`^${pattern.replaceAll("?", ".").replace(/\*+/g, ".*")}$`);
        expect(matchesWildcard(pattern, text)).toBe(regular.test(text));
      }),
    );
  });
});
