import { UnreachableError } from "@sluice/client";
import type { WebConfig } from "@sluice/contracts";
import { z } from "zod";

type Issuer = Extract<WebConfig["identity"], { kind: "oidc" }>;

// What others publish has members we do not know: these schemas read what they need.
const discoverySchema = z.object({ authorization_endpoint: z.url(), token_endpoint: z.url() });
const grantSchema = z.object({
  access_token: z.string().min(1),
  expires_in: z.number().positive().default(300),
  refresh_token: z.string().optional(),
});
const sessionSchema = z.strictObject({
  accessToken: z.string(),
  expiresAt: z.number(),
  refreshToken: z.string().optional(),
});
const pendingSchema = z.strictObject({ state: z.string(), verifier: z.string(), hash: z.string() });

const sessionKey = "sluice.session";
const pendingKey = "sluice.sign-in";
const marginMs = 60_000;

let granting: Promise<string> | undefined;

/** An access token of the issuer; sends the person to sign in when there is none. */
export function oidcToken(issuer: Issuer, renew = false): Promise<string> {
  granting ??= obtain(issuer, renew).finally(() => {
    granting = undefined;
  });
  return granting;
}

/** Whether there is a session, or the answer of the issuer that begins one. */
export function hasSession(): boolean {
  return (
    read(sessionKey, sessionSchema) !== undefined ||
    (read(pendingKey, pendingSchema) !== undefined &&
      new URLSearchParams(location.search).has("state"))
  );
}

async function obtain(issuer: Issuer, renew: boolean): Promise<string> {
  const answered = await exchangeAnswer(issuer);
  if (answered) return answered;
  const session = read(sessionKey, sessionSchema);
  if (session && !renew && session.expiresAt - marginMs > Date.now()) return session.accessToken;
  if (session?.refreshToken) {
    const refreshed = await grant(issuer, {
      grant_type: "refresh_token",
      refresh_token: session.refreshToken,
    });
    if (refreshed) return refreshed;
  }
  return signIn(issuer);
}

/** Authorization code with PKCE: RFC 7636 section 4. Never resolves, since the page is left. */
async function signIn(issuer: Issuer): Promise<never> {
  const { authorization_endpoint } = await discover(issuer);
  const verifier = randomText();
  const state = randomText();
  sessionStorage.setItem(pendingKey, JSON.stringify({ state, verifier, hash: location.hash }));
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(verifier));
  const address = new URL(authorization_endpoint);
  const query = {
    response_type: "code",
    client_id: issuer.clientId,
    redirect_uri: redirectUri(),
    scope: issuer.scope ?? "openid",
    state,
    code_challenge: base64Url(new Uint8Array(digest)),
    code_challenge_method: "S256",
  };
  for (const [name, value] of Object.entries(query)) address.searchParams.set(name, value);
  location.assign(address);
  return new Promise(() => {});
}

/** The way back from the issuer: `?code=…&state=…` becomes a token and leaves the address bar. */
async function exchangeAnswer(issuer: Issuer): Promise<string | undefined> {
  const answer = new URLSearchParams(location.search);
  const pending = read(pendingKey, pendingSchema);
  if (!pending || !answer.has("state")) return undefined;
  sessionStorage.removeItem(pendingKey);
  history.replaceState(null, "", `${location.pathname}${pending.hash}`);
  if (answer.get("state") !== pending.state) return undefined;
  const code = answer.get("code");
  if (!code) {
    throw new Error(answer.get("error_description") ?? "Signing in did not work. Reload the page.");
  }
  return grant(issuer, {
    grant_type: "authorization_code",
    code,
    redirect_uri: redirectUri(),
    code_verifier: pending.verifier,
  });
}

async function grant(issuer: Issuer, fields: Record<string, string>): Promise<string | undefined> {
  const { token_endpoint } = await discover(issuer);
  const answer = await reach(token_endpoint, {
    method: "POST",
    body: new URLSearchParams({ ...fields, client_id: issuer.clientId }),
  });
  if (!answer.ok) {
    sessionStorage.removeItem(sessionKey);
    return undefined;
  }
  const tokens = grantSchema.parse(await answer.json());
  const session = {
    accessToken: tokens.access_token,
    expiresAt: Date.now() + tokens.expires_in * 1000,
    refreshToken: tokens.refresh_token ?? fields.refresh_token,
  };
  sessionStorage.setItem(sessionKey, JSON.stringify(session));
  return session.accessToken;
}

async function discover(issuer: Issuer): Promise<z.infer<typeof discoverySchema>> {
  const base = issuer.issuer.replace(/\/$/, "");
  const answer = await reach(`${base}/.well-known/openid-configuration`);
  return discoverySchema.parse(await answer.json());
}

async function reach(address: string, init?: RequestInit): Promise<Response> {
  try {
    return await fetch(address, init);
  } catch (error) {
    throw new UnreachableError("The sign-in service cannot be reached.", { cause: error });
  }
}

function read<T>(key: string, schema: z.ZodType<T>): T | undefined {
  try {
    return schema.parse(JSON.parse(sessionStorage.getItem(key) ?? ""));
  } catch {
    return undefined;
  }
}

function redirectUri(): string {
  return `${location.origin}${location.pathname}`;
}

function randomText(): string {
  return base64Url(crypto.getRandomValues(new Uint8Array(32)));
}

function base64Url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");
}
