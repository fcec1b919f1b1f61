import { z } from "zod";
import { matchesWildcard } from "./wildcard.ts";

const list = z.union([z.string().transform((one) => [one]), z.array(z.string())]);

/** A statement with Condition, NotAction or NotResource is refused: to ignore it could open what it closes. */
const statement = z.strictObject({
  Sid: z.string().optional(),
  Effect: z.enum(["Allow", "Deny"]),
  Action: list,
  Resource: list,
});

/** What a Lambda authorizer answers ("Output from an API Gateway Lambda authorizer"). */
export const authorizerAnswer = z.object({
  principalId: z.coerce.string().min(1),
  policyDocument: z.object({
    Version: z.string().optional(),
    Statement: z.union([statement.transform((one) => [one]), z.array(statement)]),
  }),
  context: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])).nullish(),
  usageIdentifierKey: z.string().nullish(),
});
export type AuthorizerAnswer = z.infer<typeof authorizerAnswer>;

export type Verdict = "allow" | "explicit-deny" | "implicit-deny";

/** A policy is asked anew for each method, even when it comes from the cache. */
export function judge(policy: AuthorizerAnswer["policyDocument"], methodArn: string): Verdict {
  const applying = policy.Statement.filter(
    ({ Action, Resource }) =>
      Action.some((action) => matchesWildcard(action.toLowerCase(), "execute-api:invoke")) &&
      Resource.some((resource) => matchesWildcard(resource, methodArn)),
  );
  if (applying.some(({ Effect }) => Effect === "Deny")) return "explicit-deny";
  return applying.length > 0 ? "allow" : "implicit-deny";
}
