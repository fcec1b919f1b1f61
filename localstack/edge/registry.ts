import { SignedAccess } from "./access/signed-access.ts";
import type { DistributionConfig } from "./distribution.ts";
import type { ViewerFunction } from "./functions/viewer-function.ts";
import type { KeyValueStores } from "./key-value-store/key-value-stores.ts";
import {
  type CachePolicy,
  managedCachePolicies,
  managedOriginRequestPolicies,
  type OriginRequestPolicy,
} from "./policies/cache-policy.ts";
import type { ResponseHeadersPolicy } from "./policies/response-headers-policy.ts";

export interface Distribution {
  readonly id: string;
  readonly domainName: string;
  readonly config: DistributionConfig;
}

/** What the template said about CloudFront: everything that an edge needs to answer a request. */
export class Registry {
  readonly access = new SignedAccess();
  readonly cachePolicies = new Map<string, CachePolicy>(Object.entries(managedCachePolicies));
  readonly originRequestPolicies = new Map<string, OriginRequestPolicy>(
    Object.entries(managedOriginRequestPolicies),
  );
  readonly responseHeadersPolicies = new Map<string, ResponseHeadersPolicy>();
  /** Key pair ids by key group. */
  readonly keyGroups = new Map<string, readonly string[]>();
  /** By ARN. */
  readonly functions = new Map<string, ViewerFunction>();
  /** Undefined until a cloud keeps them. */
  keyValueStores: KeyValueStores | undefined;
  /** An edge serves one distribution: viewers tell distributions apart by host names that do not resolve here. */
  distribution: Distribution | undefined;

  trustedKeyIds(keyGroupIds: readonly string[]): ReadonlySet<string> {
    return new Set(keyGroupIds.flatMap((id) => this.keyGroups.get(id) ?? []));
  }
}
