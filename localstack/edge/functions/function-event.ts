import { z } from "zod";
import { fieldsSchema } from "./fields.ts";
import type { FunctionEventType } from "./function-schema.ts";

/** "CloudFront Functions event structure", version 1.0. */
export interface FunctionEvent {
  readonly version: "1.0";
  readonly context: {
    readonly distributionDomainName: string;
    readonly distributionId: string;
    readonly eventType: FunctionEventType;
    readonly requestId: string;
  };
  readonly viewer: { readonly ip: string };
  readonly request: FunctionRequest;
  readonly response?: FunctionResponse;
}

const requestSchema = z.strictObject({
  method: z.string(),
  /** The address must stay below 8,192 characters, without spaces, control characters and `#`. */
  uri: z.string().regex(/^\/[^\s#]*$/),
  querystring: fieldsSchema,
  headers: fieldsSchema,
  cookies: fieldsSchema,
});
export type FunctionRequest = z.infer<typeof requestSchema>;

const bodySchema = z.union([
  z.string(),
  z.strictObject({ encoding: z.literal("text"), data: z.string() }),
  z.strictObject({ encoding: z.literal("base64"), data: z.base64() }),
]);

export const responseSchema = z.strictObject({
  statusCode: z.int().min(200).max(599),
  statusDescription: z
    .string()
    .regex(/^[\t -~]*$/)
    .optional(),
  headers: fieldsSchema.optional(),
  cookies: fieldsSchema.optional(),
  body: bodySchema.optional(),
});
export type FunctionResponse = z.infer<typeof responseSchema>;

/** What a viewer-request handler may answer: the request to go on with, or the response to give. */
export const requestOrResponseSchema = z.union([requestSchema, responseSchema]);

export function isResponse(answer: FunctionRequest | FunctionResponse): answer is FunctionResponse {
  return "statusCode" in answer;
}

export function bodyOf({ body }: FunctionResponse): Buffer | undefined {
  if (body === undefined) return undefined;
  return typeof body === "string"
    ? Buffer.from(body)
    : Buffer.from(body.data, body.encoding === "base64" ? "base64" : "utf8");
}
