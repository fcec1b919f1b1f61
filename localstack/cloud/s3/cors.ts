import type { CorsRule } from "./bucket-configuration.ts";

export interface CorsQuestion {
  readonly origin: string;
  readonly method: string;
  /** Of a preflight: Access-Control-Request-Headers. */
  readonly headers: readonly string[];
}

/**
 * The headers that the first matching rule answers with; undefined when no rule allows the request.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/cors.html
 */
export function corsHeaders(
  rules: readonly CorsRule[],
  question: CorsQuestion,
): Readonly<Record<string, string>> | undefined {
  const rule = rules.find(
    (candidate) =>
      candidate.allowedMethods.some((method) => method === question.method) &&
      candidate.allowedOrigins.some((pattern) => matchesWildcard(pattern, question.origin)) &&
      question.headers.every((name) =>
        candidate.allowedHeaders.some((pattern) =>
          matchesWildcard(pattern.toLowerCase(), name.toLowerCase()),
        ),
      ),
  );
  if (!rule) return undefined;
  const anyOrigin = rule.allowedOrigins.includes("*");
  return {
    "access-control-allow-origin": anyOrigin ? "*" : question.origin,
    "access-control-allow-methods": rule.allowedMethods.join(", "),
    ...(question.headers.length > 0 && {
      "access-control-allow-headers": question.headers.join(", ").toLowerCase(),
    }),
    ...(rule.exposedHeaders.length > 0 && {
      "access-control-expose-headers": rule.exposedHeaders.join(", "),
    }),
    ...(rule.maxAgeSeconds !== undefined && {
      "access-control-max-age": String(rule.maxAgeSeconds),
    }),
    ...(!anyOrigin && { "access-control-allow-credentials": "true" }),
    vary: "Origin, Access-Control-Request-Headers, Access-Control-Request-Method",
  };
}

/** A pattern may hold one `*`, which stands for any run of characters. */
function matchesWildcard(pattern: string, text: string): boolean {
  const star = pattern.indexOf("*");
  if (star < 0) return pattern === text;
  const head = pattern.slice(0, star);
  const tail = pattern.slice(star + 1);
  return text.length >= head.length + tail.length && text.startsWith(head) && text.endsWith(tail);
}
