import type { IncomingMessage, ServerResponse } from "node:http";
import { AwsError } from "../aws-error.ts";
import { corsHeaders } from "./cors.ts";
import { addressOf } from "./request.ts";
import type { BucketStore } from "./storage/bucket-store.ts";

/** Sets the CORS headers of an answer, whatever it will be, so that a page can read refusals too. */
export function setCorsHeaders(
  buckets: BucketStore,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const { origin } = request.headers;
  if (origin === undefined || request.method === "OPTIONS") return;
  const rules = buckets.find(addressOf(request).bucket)?.configuration.cors ?? [];
  const headers = corsHeaders(rules, { origin, method: request.method ?? "GET", headers: [] });
  for (const [name, value] of Object.entries(headers ?? {})) response.setHeader(name, value);
}

/** Answers a preflight. @throws AwsError AccessForbidden (403), BadRequest */
export function answerPreflight(
  buckets: BucketStore,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const { origin } = request.headers;
  const method = request.headers["access-control-request-method"];
  if (origin === undefined) {
    throw new AwsError("BadRequest", "Insufficient information. Origin request header needed.");
  }
  if (method === undefined) {
    throw new AwsError("BadRequest", "Invalid Access-Control-Request-Method: null");
  }
  const rules = buckets.find(addressOf(request).bucket)?.configuration.cors ?? [];
  if (rules.length === 0) {
    throw forbidden("CORSResponse: CORS is not enabled for this bucket.", method);
  }
  const wanted = request.headers["access-control-request-headers"] ?? "";
  const headers = corsHeaders(rules, {
    origin,
    method,
    headers: wanted
      .split(",")
      .map((name) => name.trim())
      .filter((name) => name !== ""),
  });
  if (!headers) {
    throw forbidden(
      "CORSResponse: This CORS request is not allowed. This is usually because the evaluation of Origin, request method / Access-Control-Request-Method or Access-Control-Request-Headers are not whitelisted by the resource's CORS spec.",
      method,
    );
  }
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  response.end();
}

function forbidden(message: string, method: string): AwsError {
  return new AwsError("AccessForbidden", message, 403, { Method: method, ResourceType: "BUCKET" });
}
