import type { CloudContext } from "../context.ts";
import type { ResourceProvider } from "../resource-provider.ts";
import { openIamStore } from "./iam-store.ts";
import { managedPolicyProvider, policyProvider, roleProvider } from "./resources.ts";

/** The types of AWS IAM. Documents are checked and kept; nothing evaluates them yet. */
// biome-ignore lint/suspicious/noExplicitAny: each provider has its own property type, checked by its schema
export function iamProviders(context: CloudContext): readonly ResourceProvider<any>[] {
  const store = openIamStore(context.database);
  return [
    roleProvider(context, store),
    policyProvider(store),
    managedPolicyProvider(context, store),
  ];
}
