export interface CookieScope {
  readonly path: string;
  readonly maxAgeSeconds: number;
  /**
   * Browsers keep a `Secure` cookie only when it came by https (RFC 6265bis, 4.1.2.5); an edge on
   * loopback speaks plain http.
   */
  readonly secure: boolean;
}

/** `Set-Cookie` values, one a grant's member: no script reads them, no other site sends them. */
export const playbackCookies = (
  grant: Readonly<
    Record<"CloudFront-Policy" | "CloudFront-Signature" | "CloudFront-Key-Pair-Id", string>
  >,
  { path, maxAgeSeconds, secure }: CookieScope,
): string[] =>
  Object.entries(grant).map(([name, value]) =>
    [
      `${name}=${value}`,
      `Path=${path}`,
      `Max-Age=${maxAgeSeconds}`,
      "HttpOnly",
      "SameSite=Strict",
      ...(secure ? ["Secure"] : []),
    ].join("; "),
  );
