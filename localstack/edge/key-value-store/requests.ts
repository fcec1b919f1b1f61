import { AwsError } from "@sluice/cloud";
import { z } from "zod";
import { quotas } from "./key-value-stores.ts";

const within = (maxBytes: number) =>
  z
    .string()
    .min(1)
    .refine((text) => Buffer.byteLength(text) <= maxBytes, `At most ${maxBytes} bytes.`);
export const keySchema = within(quotas.keyBytes);
const value = within(quotas.valueBytes);

export const putKeySchema = z.strictObject({ Value: value });

export const updateKeysSchema = z
  .strictObject({
    Puts: z.array(z.strictObject({ Key: keySchema, Value: value })).default([]),
    Deletes: z.array(z.strictObject({ Key: keySchema })).default([]),
  })
  .refine(
    ({ Puts, Deletes }) => Puts.length + Deletes.length <= quotas.keysPerUpdate,
    `One update changes ${quotas.keysPerUpdate} keys at most.`,
  )
  .refine(({ Puts, Deletes }) => {
    const keys = [...Puts, ...Deletes].map(({ Key }) => Key);
    return new Set(keys).size === keys.length;
  }, "A key comes twice.");

export const listKeysSchema = z.strictObject({
  MaxResults: z.coerce.number().int().min(1).max(50).default(10),
  NextToken: z.string().max(4096).optional(),
});

/** @throws AwsError ValidationException, without the values: they may be secret */
export function parse<S extends z.ZodType>(schema: S, input: unknown): z.output<S> {
  const { data, error } = schema.safeParse(input);
  if (!error) return data as z.output<S>;
  const problems = error.issues.map(({ path, message }) =>
    [...path, message].map(String).join(": "),
  );
  throw new AwsError("ValidationException", problems.join("; "));
}

/** @throws AwsError ValidationException */
export function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString("utf8") || "{}");
  } catch {
    throw new AwsError("ValidationException", "The request body is not JSON.");
  }
}
