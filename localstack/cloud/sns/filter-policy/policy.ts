import type { BlockList } from "node:net";

/** A leaf of JSON, as policies name it and messages hold it. */
export type Leaf = string | number | boolean | null;

export type NumericOperator = "=" | "<" | "<=" | ">" | ">=";

/** One condition on the values of a key. */
export type Condition =
  | { readonly kind: "equals"; readonly value: Leaf }
  | { readonly kind: "anything-but"; readonly values: readonly Leaf[] }
  | { readonly kind: "anything-but-prefix"; readonly prefix: string }
  | { readonly kind: "prefix" | "suffix"; readonly text: string }
  | { readonly kind: "equals-ignore-case"; readonly text: string }
  | {
      readonly kind: "numeric";
      readonly bounds: readonly { readonly operator: NumericOperator; readonly bound: number }[];
    }
  | { readonly kind: "exists"; readonly wanted: boolean }
  | { readonly kind: "cidr"; readonly block: BlockList };

/** Holds when any of the conditions holds for the values at `path`, or any of the alternatives does. */
export type FilterRule =
  | {
      readonly kind: "key";
      readonly path: readonly string[];
      readonly anyOf: readonly Condition[];
    }
  | { readonly kind: "or"; readonly alternatives: readonly FilterPolicy[] };

/** Holds when every rule does; without rules it lets everything through. */
export type FilterPolicy = readonly FilterRule[];

export const filterPolicyScopes = ["MessageAttributes", "MessageBody"] as const;
export type FilterPolicyScope = (typeof filterPolicyScopes)[number];
