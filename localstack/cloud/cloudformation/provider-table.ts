import type { ResourceProvider } from "../resource-provider.ts";
import { inertProviders } from "./inert-types.ts";

export interface ProviderTable {
  readonly providers: ReadonlyMap<string, ResourceProvider>;
  /** Types of `providers` that do nothing here. */
  readonly inertTypes: ReadonlySet<string>;
}

/**
 * Every type that is known here. A type that somebody provides is no longer inert.
 *
 * @throws Error when two provide one type, which only a mistake in the program can do
 */
export function collectProviders(provided: readonly ResourceProvider[]): ProviderTable {
  const providers = new Map<string, ResourceProvider>();
  for (const provider of provided) {
    if (providers.has(provider.type)) throw new Error(`${provider.type} is provided twice.`);
    providers.set(provider.type, provider);
  }
  const inert = inertProviders.filter((provider) => !providers.has(provider.type));
  for (const provider of inert) providers.set(provider.type, provider as ResourceProvider);
  return { providers, inertTypes: new Set(inert.map((provider) => provider.type)) };
}
