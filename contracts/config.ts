import { z } from "zod";

/** `GET /config.json` beside the page; the deploy command writes it. Never cached. */
export const webConfigSchema = z.strictObject({
  /** Path or address that `/uploads` and `/videos` are appended to, for example `/api`. */
  api: z.string().min(1),
  identity: z.discriminatedUnion("kind", [
    /** The embedded target: a token for the local user, renewed by fetching this file again. */
    z.strictObject({ kind: z.literal("local"), token: z.string().min(1) }),
    /** Any OpenID Connect issuer: authorization code with PKCE (RFC 7636), no client secret. */
    z.strictObject({
      kind: z.literal("oidc"),
      issuer: z.url(),
      clientId: z.string().min(1),
      /** Default `openid`. */
      scope: z.string().min(1).optional(),
    }),
  ]),
});
export type WebConfig = z.infer<typeof webConfigSchema>;
