import { createHash } from "node:crypto";
import { z } from "zod";
import type { CloudContext } from "../context.ts";
import type { ResourceProvider } from "../resource-provider.ts";
import type { IamStore } from "./iam-store.ts";
import { policyDocument } from "./policy-document.ts";

type Account = Pick<CloudContext, "accountId">;

const path = z
  .string()
  .regex(/^\/([\w+=,.@/-]*\/)?$/, "a path begins and ends with /")
  .default("/");
const name = (maxLength: number) =>
  z
    .string()
    .max(maxLength)
    .regex(/^[\w+=,.@-]+$/);

const roleProperties = z.strictObject({
  RoleName: name(64).optional(),
  Path: path,
  Description: z.string().max(1000).optional(),
  AssumeRolePolicyDocument: policyDocument,
  ManagedPolicyArns: z.array(z.string()).default([]),
  Policies: z
    .array(z.strictObject({ PolicyName: name(128), PolicyDocument: policyDocument }))
    .default([]),
});

export function roleProvider(
  { accountId }: Account,
  store: IamStore,
): ResourceProvider<z.infer<typeof roleProperties>> {
  return {
    type: "AWS::IAM::Role",
    schema: roleProperties,
    inert: ["Tags", "MaxSessionDuration", "PermissionsBoundary"],
    async put({ RoleName, ...role }, context) {
      const roleName = RoleName ?? context.generatedName(64);
      store.put("role", roleName, role);
      return {
        physicalId: roleName,
        attributes: {
          Arn: `arn:aws:iam::${accountId}:role${role.Path}${roleName}`,
          RoleId: uniqueId("AROA", roleName),
        },
      };
    },
    async delete(roleName) {
      store.delete("role", roleName);
    },
  };
}

const attachedTo = {
  Roles: z.array(z.string()).default([]),
  Users: z.array(z.string()).default([]),
  Groups: z.array(z.string()).default([]),
};

const policyProperties = z.strictObject({
  PolicyName: name(128),
  PolicyDocument: policyDocument,
  ...attachedTo,
});

export function policyProvider(
  store: IamStore,
): ResourceProvider<z.infer<typeof policyProperties>> {
  return {
    type: "AWS::IAM::Policy",
    schema: policyProperties,
    inert: [],
    async put(policy, context) {
      // Inline policies of two roles may have one name; this one is known by where it stands.
      const id = context.generatedName(128);
      store.put("policy", id, policy);
      return { physicalId: id, attributes: { Id: id } };
    },
    async delete(id) {
      store.delete("policy", id);
    },
  };
}

const managedPolicyProperties = z.strictObject({
  ManagedPolicyName: name(128).optional(),
  Path: path,
  Description: z.string().max(1000).optional(),
  PolicyDocument: policyDocument,
  ...attachedTo,
});

export function managedPolicyProvider(
  { accountId }: Account,
  store: IamStore,
): ResourceProvider<z.infer<typeof managedPolicyProperties>> {
  return {
    type: "AWS::IAM::ManagedPolicy",
    schema: managedPolicyProperties,
    inert: [],
    async put({ ManagedPolicyName, ...policy }, context) {
      const policyName = ManagedPolicyName ?? context.generatedName(128);
      const arn = `arn:aws:iam::${accountId}:policy${policy.Path}${policyName}`;
      store.put("managed-policy", arn, policy);
      return {
        physicalId: arn,
        attributes: { PolicyArn: arn, PolicyId: uniqueId("ANPA", policyName) },
      };
    },
    async delete(arn) {
      store.delete("managed-policy", arn);
    },
  };
}

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids */
function uniqueId(prefix: string, of: string): string {
  const hash = createHash("sha256").update(`${prefix}/${of}`).digest("hex");
  return prefix + hash.slice(0, 17).toUpperCase();
}
