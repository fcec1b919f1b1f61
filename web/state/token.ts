import { z } from "zod";

const marginMs = 60_000;
const payloadSchema = z.object({ exp: z.number().optional() });

/** When a JWT expires (RFC 7519 section 4.1.4), in milliseconds; undefined when it does not say. */
export function expiresAt(token: string): number | undefined {
  try {
    const [, payload = ""] = token.split(".");
    const json = atob(payload.replaceAll("-", "+").replaceAll("_", "/"));
    const { exp } = payloadSchema.parse(JSON.parse(json));
    return exp === undefined ? undefined : exp * 1000;
  } catch {
    return undefined;
  }
}

/** Whether a token lasts for another minute. One that does not say is left to the API to judge. */
export function isFresh(token: string, nowMs: number): boolean {
  const end = expiresAt(token);
  return end === undefined || end - marginMs > nowMs;
}
