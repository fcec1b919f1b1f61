import type { APIGatewayProxyEvent } from "aws-lambda";
import type { z } from "zod";
import { DomainError, type FieldError, InvalidRequestError } from "../errors.ts";

const maxErrors = 20;

/** @throws InvalidRequestError with a dotted path for each fault, twenty at most */
export const parsePart = <S extends z.ZodType>(
  part: "path" | "query" | "headers" | "body",
  schema: S,
  value: unknown,
): z.output<S> => {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw new InvalidRequestError(
    `The ${part} of the request is not valid; see errors.`,
    fieldErrors(result.error),
  );
};

/** Zod's issues as our contract writes them. Values are not repeated: they may be secret. */
export const fieldErrors = (error: z.ZodError): FieldError[] =>
  error.issues
    .flatMap((issue): FieldError[] =>
      issue.code === "unrecognized_keys"
        ? issue.keys.map((key) => ({
            path: [...issue.path, key].join("."),
            message: "This field is not known.",
          }))
        : [{ path: issue.path.join("."), message: issue.message }],
    )
    .slice(0, maxErrors);

/**
 * The body as JSON; undefined when there is none.
 *
 * @throws DomainError unsupported-media-type, InvalidRequestError when it is no JSON
 */
export const parseJsonBody = (
  event: Pick<APIGatewayProxyEvent, "body" | "isBase64Encoded">,
  headers: Readonly<Record<string, string | undefined>>,
): unknown => {
  if (event.body === null || event.body === "") return undefined;
  const mediaType = headers["content-type"]?.split(";")[0]?.trim().toLowerCase();
  if (mediaType !== "application/json") {
    throw new DomainError("unsupported-media-type", "Send the body as application/json.");
  }
  const text = event.isBase64Encoded
    ? Buffer.from(event.body, "base64").toString("utf8")
    : event.body;
  try {
    return JSON.parse(text);
  } catch {
    throw new InvalidRequestError("The body is not valid JSON.");
  }
};
