import { z } from "zod";
import type { Answer } from "./answer.ts";
import { header, type RoutedCall } from "./call.ts";
import { GatewayFailure } from "./gateway-response.ts";
import { isBinary } from "./proxy-event.ts";

const value = z.union([z.string(), z.number(), z.boolean()]).transform(String);

/**
 * "Output format of a Lambda function for proxy integration". Unknown members make the answer
 * malformed on AWS too.
 */
const answerSchema = z.strictObject({
  statusCode: z.coerce.number().int().min(100).max(599),
  headers: z.record(z.string(), value.nullable()).nullish(),
  multiValueHeaders: z.record(z.string(), z.array(value)).nullish(),
  body: z.string().nullish(),
  isBase64Encoded: z.boolean().nullish(),
});

/** Belong to the connection, or to this server: AWS sends them under another name. */
const remapped = new Set([
  "authorization",
  "connection",
  "content-length",
  "date",
  "host",
  "server",
  "user-agent",
  "www-authenticate",
]);
const dropped = new Set([
  "keep-alive",
  "proxy-authenticate",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

/** @throws GatewayFailure 502 when the function's answer is not one */
export function readProxyAnswer(payload: Buffer, call: RoutedCall): Answer {
  const parsed = answerSchema.safeParse(parseJson(payload));
  if (!parsed.success) {
    const reason = parsed.error.issues
      .map((issue) => `${issue.path.join(".") || "answer"}: ${issue.message}`)
      .join("; ");
    throw new GatewayFailure("BAD_GATEWAY", {
      reason: `Malformed Lambda proxy response: ${reason}`,
    });
  }
  const { statusCode, headers, multiValueHeaders, body, isBase64Encoded } = parsed.data;
  const several = Object.entries(multiValueHeaders ?? {});
  const alreadyGiven = new Set(several.map(([name]) => name.toLowerCase()));
  const all = [
    // "If you specify values for both headers and multiValueHeaders … the latter are merged over".
    ...Object.entries(headers ?? {}).flatMap(([name, one]) =>
      one === null || alreadyGiven.has(name.toLowerCase()) ? [] : [[name, one] as const],
    ),
    ...several.flatMap(([name, values]) => values.map((each) => [name, each] as const)),
  ].filter(([name, each]) => isHeader(name, each) && !dropped.has(name.toLowerCase()));
  const typed = all.some(([name]) => name.toLowerCase() === "content-type");
  // A base64 body is decoded for callers whose first Accept type is a binary one.
  const accept = header(call.headers, "accept") ?? "*/*";
  const decode = isBase64Encoded === true && isBinary(call.api.definition.BinaryMediaTypes, accept);
  return {
    status: statusCode,
    headers: [
      ...(typed ? [] : [["Content-Type", "application/json"] as const]),
      ...all.map(([name, each]) =>
        remapped.has(name.toLowerCase())
          ? ([`x-amzn-Remapped-${name}`, each] as const)
          : ([name, each] as const),
      ),
    ],
    body: Buffer.from(body ?? "", decode ? "base64" : "utf8"),
  };
}

function parseJson(payload: Buffer): unknown {
  try {
    return JSON.parse(payload.toString("utf8"));
  } catch {
    return undefined;
  }
}

/** RFC 9110, 5.5 and 5.6.2; anything else could split the answer in two. */
function isHeader(name: string, text: string): boolean {
  return /^[\w!#$%&'*+.^`|~-]+$/.test(name) && !/[\r\n\0]/.test(text);
}
