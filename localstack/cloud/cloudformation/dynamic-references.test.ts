import { describe, expect, it } from "vitest";
import { resolveDynamicReferences, type SecretReference } from "./dynamic-references.ts";

describe("dynamic references", () => {
  const asked: SecretReference[] = [];
  const resolve = (text: string) =>
    resolveDynamicReferences(
      { A: [text] },
      (reference) => {
        asked.push(reference);
        return "s3cret";
      },
      "P",
    );

  it.each<[string, SecretReference]>([
    ["{{resolve:secretsmanager:db}}", { secretId: "db" }],
    [
      "{{resolve:secretsmanager:db:SecretString:password}}",
      { secretId: "db", jsonKey: "password" },
    ],
    [
      "{{resolve:secretsmanager:arn:aws:secretsmanager:us-east-1:000000000000:secret:db-AbCdEf:SecretString:password::}}",
      {
        secretId: "arn:aws:secretsmanager:us-east-1:000000000000:secret:db-AbCdEf",
        jsonKey: "password",
      },
    ],
    [
      "{{resolve:secretsmanager:db:SecretString::AWSPREVIOUS:}}",
      { secretId: "db", versionStage: "AWSPREVIOUS" },
    ],
  ])("%s", (text, expected) => {
    const result = resolve(`user:${text}@host`);

    expect(result).toEqual({ A: ["user:s3cret@host"] });
    expect(asked.at(-1)).toEqual(expected);
  });

  it("refuses services that are not there, and says where", () => {
    expect(() => resolve("{{resolve:ssm:/a/b}}")).toThrow("P.A.0: dynamic references to ssm");
    expect(() => resolve("{{resolve:secretsmanager:db:Other}}")).toThrow("has the form");
  });
});
