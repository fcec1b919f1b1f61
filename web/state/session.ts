import { type TokenSource, UnreachableError } from "@sluice/client";
import { type WebConfig, webConfigSchema } from "@sluice/contracts";
import { hasSession, oidcToken } from "./oidc.ts";
import { isFresh } from "./token.ts";

let config: Promise<WebConfig> | undefined;

/** Written by the deploy command beside the page. */
export function loadConfig(again = false): Promise<WebConfig> {
  if (again || !config) {
    config = fetchConfig();
    config.catch(() => {
      config = undefined;
    });
  }
  return config;
}

async function fetchConfig(): Promise<WebConfig> {
  let answer: Response;
  try {
    answer = await fetch("/config.json", { cache: "no-store" });
  } catch (error) {
    throw new UnreachableError("The server cannot be reached.", { cause: error });
  }
  if (answer.status >= 500) throw new UnreachableError("The server is not ready yet.");
  if (!answer.ok) throw new Error("This page was deployed without its /config.json.");
  const parsed = webConfigSchema.safeParse(await answer.json().catch(() => undefined));
  if (!parsed.success) throw new Error("The page's /config.json is not what it should be.");
  return parsed.data;
}

/** Renews in time, so that no call is made with a token about to expire. */
export const token: TokenSource = async (renew) => {
  const { identity } = await loadConfig();
  if (identity.kind === "oidc") return oidcToken(identity, renew);
  if (!renew && isFresh(identity.token, Date.now())) return identity.token;
  const renewed = await loadConfig(true);
  return renewed.identity.kind === "local" ? renewed.identity.token : oidcToken(renewed.identity);
};

/** False for a visitor who would have to sign in first, which a public video does not ask for. */
export async function isSignedIn(): Promise<boolean> {
  const { identity } = await loadConfig();
  return identity.kind === "local" || hasSession();
}
