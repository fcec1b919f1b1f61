import { expect, it } from "vitest";
import { executeStatementRequest } from "./requests.ts";

it("takes the ARN of a secret that the CDK made, which is longer than the API reference allows", () => {
  const arn = (service: string, name: string) =>
    `arn:aws:${service}:us-east-1:000000000000:${name.padEnd(120, "x")}`;

  const parsed = executeStatementRequest.safeParse({
    resourceArn: arn("rds", "cluster:films"),
    secretArn: arn("secretsmanager", "secret:films"),
    sql: "SELECT 1",
  });

  expect(parsed.error).toBeUndefined();
});
