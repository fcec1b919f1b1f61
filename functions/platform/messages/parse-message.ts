import type { z } from "zod";
import { fieldErrors } from "../http/request-parts.ts";

/** The message is none of ours. Names the fields, never their values. */
export class MalformedMessageError extends Error {
  override readonly name = "MalformedMessageError";
}

/** @throws MalformedMessageError */
export const parseMessage = <S extends z.ZodType>(schema: S, text: string): z.output<S> => {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new MalformedMessageError("The message is not JSON.");
  }
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const faults = fieldErrors(result.error).map(({ path, message }) => `${path}: ${message}`);
  throw new MalformedMessageError(`The message is not valid. ${faults.join("; ")}`);
};
