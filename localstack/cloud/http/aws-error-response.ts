import type { IncomingMessage, ServerResponse } from "node:http";
import type { AwsError } from "../aws-error.ts";

/** How a service writes its errors: S3 and SNS in XML, SQS, Secrets Manager and EventBridge as AWS JSON, the others as REST JSON. */
export type AwsProtocol = "rest-xml" | "query" | "aws-json" | "rest-json";

interface Answerable {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly requestId: string;
}

/**
 * Answers with an error. When the answer has already begun, the connection is cut instead, so that
 * the client cannot take what it got for whole.
 */
export function writeAwsError(exchange: Answerable, error: AwsError, protocol: AwsProtocol): void {
  const { request, response } = exchange;
  if (response.headersSent) {
    if (!response.writableEnded) response.destroy();
    return;
  }
  const bodiless = request.method === "HEAD" || error.status === 304;
  for (const name of [
    "content-length",
    "content-encoding",
    "cache-control",
    "etag",
    "last-modified",
  ]) {
    if (error.status !== 304) response.removeHeader(name);
  }
  const body = bodiless
    ? undefined
    : isXml(protocol)
      ? xmlBody(exchange, error, protocol)
      : JSON.stringify({ __type: error.code, ...error.details, message: error.message });
  if (body !== undefined) {
    response.setHeader("content-type", contentTypes[protocol]);
    response.setHeader("content-length", Buffer.byteLength(body));
  }
  if (!isXml(protocol)) response.setHeader("x-amzn-errortype", error.code);
  response.statusCode = error.status;
  response.end(body);
}

const contentTypes: Readonly<Record<AwsProtocol, string>> = {
  "rest-xml": "application/xml",
  query: "text/xml",
  "aws-json": "application/x-amz-json-1.0",
  "rest-json": "application/json",
};

/** Escapes text for XML; control characters, which XML 1.0 cannot carry but a key can, become references. */
export function escapeXml(text: string): string {
  return text.replace(
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the ones to escape
    /[&<>"'\u0000-\u001f]/g,
    (character) => `&#x${character.charCodeAt(0).toString(16).toUpperCase()};`,
  );
}

function isXml(protocol: AwsProtocol): protocol is "rest-xml" | "query" {
  return protocol === "rest-xml" || protocol === "query";
}

function xmlBody(exchange: Answerable, error: AwsError, protocol: "rest-xml" | "query"): string {
  const type = { Type: error.status < 500 ? "Sender" : "Receiver" };
  const members = {
    ...(protocol === "query" && type),
    Code: error.code,
    Message: error.message,
    ...error.details,
  };
  const elements = Object.entries(members)
    .map(([name, value]) => `<${name}>${escapeXml(value)}</${name}>`)
    .join("");
  const requestId = `<RequestId>${exchange.requestId}</RequestId>`;
  const body =
    protocol === "query"
      ? `<ErrorResponse><Error>${elements}</Error>${requestId}</ErrorResponse>`
      : `<Error>${elements}${requestId}</Error>`;
  return `<?xml version="1.0" encoding="UTF-8"?>\n${body}`;
}
