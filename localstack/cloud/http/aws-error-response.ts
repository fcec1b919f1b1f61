import type { IncomingMessage, ServerResponse } from "node:http";
import type { AwsError } from "../aws-error.ts";

/** How a service writes its errors: S3 in XML, SQS and Secrets Manager as AWS JSON, the others as REST JSON. */
export type AwsProtocol = "rest-xml" | "aws-json" | "rest-json";

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
    : protocol === "rest-xml"
      ? xmlBody(exchange, error)
      : JSON.stringify({ __type: error.code, ...error.details, message: error.message });
  if (body !== undefined) {
    response.setHeader("content-type", contentTypes[protocol]);
    response.setHeader("content-length", Buffer.byteLength(body));
  }
  if (protocol !== "rest-xml") response.setHeader("x-amzn-errortype", error.code);
  response.statusCode = error.status;
  response.end(body);
}

const contentTypes: Readonly<Record<AwsProtocol, string>> = {
  "rest-xml": "application/xml",
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

function xmlBody(exchange: Answerable, error: AwsError): string {
  const members = { Code: error.code, Message: error.message, ...error.details };
  const elements = Object.entries(members).map(([name, v]) => `<${name}>${escapeXml(v)}</${name}>`);
  return `<?xml version="1.0" encoding="UTF-8"?>\n<Error>${elements.join("")}<RequestId>${exchange.requestId}</RequestId></Error>`;
}
