import { z } from "zod";

/**
 * "Structure for a query string, header, or cookie": a name that comes several times has all its
 * values in `multiValue`, the first one in `value` too.
 */
const valueSchema = z.strictObject({ value: z.string(), attributes: z.string().optional() });
const fieldSchema = valueSchema.extend({ multiValue: z.array(valueSchema).optional() });
export const fieldsSchema = z.record(z.string(), fieldSchema);

type FieldValue = z.infer<typeof valueSchema>;
export type Fields = z.infer<typeof fieldsSchema>;

export function toFields(pairs: Iterable<readonly [string, FieldValue]>): Fields {
  const grouped = new Map<string, FieldValue[]>();
  for (const [name, value] of pairs) {
    const group = grouped.get(name);
    if (group) group.push(value);
    else grouped.set(name, [value]);
  }
  // Without prototype: a viewer may well name a parameter "__proto__".
  const fields: Fields = Object.create(null);
  for (const [name, [first, ...others]] of grouped) {
    if (first)
      fields[name] = others.length > 0 ? { ...first, multiValue: [first, ...others] } : first;
  }
  return fields;
}

/** One pair a value, in order; a `multiValue` goes before the `value` beside it. */
export function fromFields(fields: Fields): [string, FieldValue][] {
  return Object.entries(fields).flatMap(([name, { multiValue, ...only }]) =>
    (multiValue ?? [only]).map((value): [string, FieldValue] => [name, value]),
  );
}
