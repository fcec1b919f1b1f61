import { describe, expect, it } from "vitest";
import { policyDocument } from "./policy-document.ts";

describe("a policy document", () => {
  it("is read with single values and lists alike", () => {
    const parsed = policyDocument.parse({
      Version: "2012-10-17",
      Statement: {
        Effect: "Allow",
        Action: "s3:GetObject",
        Resource: ["arn:aws:s3:::films/*"],
        Principal: { Service: "lambda.amazonaws.com" },
        Condition: { StringEquals: { "aws:SourceAccount": "000000000000" } },
      },
    });

    expect(parsed.Statement).toEqual([
      {
        Effect: "Allow",
        Action: ["s3:GetObject"],
        Resource: ["arn:aws:s3:::films/*"],
        Principal: { Service: ["lambda.amazonaws.com"] },
        Condition: { StringEquals: { "aws:SourceAccount": ["000000000000"] } },
      },
    ]);
  });

  it.each([
    ["an effect that is none", { Effect: "Maybe", Action: "a", Resource: "*" }],
    ["a statement without an action", { Effect: "Allow", Resource: "*" }],
    ["both kinds of action", { Effect: "Allow", Action: "a", NotAction: "b", Resource: "*" }],
    ["a misspelt element", { Effect: "Allow", Action: "a", Resources: "*" }],
  ])("refuses %s", (_, statement) => {
    expect(policyDocument.safeParse({ Statement: [statement] }).success).toBe(false);
  });
});
