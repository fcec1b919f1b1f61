import { badRequest } from "../errors.ts";
import type { SqlParameter, TypeHint } from "../requests.ts";
import { parseStatement } from "./parameters.ts";

/** A statement as PostgreSQL's extended protocol takes it. */
export interface BoundStatement {
  readonly text: string;
  readonly values: readonly (string | Buffer | null)[];
  /** From a 1-based place in `text` to the place in the statement as it was sent. */
  positionInRequest(position: number): number;
}

const typeOfHint: Readonly<Record<TypeHint, string>> = {
  DATE: "date",
  DECIMAL: "numeric",
  JSON: "json",
  TIME: "time",
  TIMESTAMP: "timestamp",
  UUID: "uuid",
};

/** The forms that AWS documents for SqlParameter.typeHint; PostgreSQL itself would take many more. */
const formOfHint: Partial<Record<TypeHint, readonly [RegExp, string]>> = {
  DATE: [/^\d{4}-\d{2}-\d{2}$/, "YYYY-MM-DD"],
  TIME: [/^\d{2}:\d{2}:\d{2}(\.\d{1,6})?$/, "HH:MM:SS[.FFF]"],
  TIMESTAMP: [/^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}(\.\d{1,6})?$/, "YYYY-MM-DD HH:MM:SS[.FFF]"],
};

/** PostgreSQL's protocol counts parameters in 16 bits. */
const maxParameters = 65_535;

/**
 * Replaces `:name` by `$n`, one number a name.
 *
 * Each is cast to the type that its value says, as AWS binds it: a string is text, so that a uuid column
 * wants a type hint or a cast here exactly as it does there.
 *
 * @throws AwsError BadRequestException: a parameter missing, twice, or of a kind that is not supported
 */
export function bindParameters(sql: string, parameters: readonly SqlParameter[]): BoundStatement {
  const given = new Map<string, SqlParameter>();
  for (const parameter of parameters) {
    if (given.has(parameter.name))
      throw badRequest(`Parameter "${parameter.name}" is given more than once`);
    given.set(parameter.name, parameter);
  }
  const numbers = new Map<string, { reference: string }>();
  const values: (string | Buffer | null)[] = [];
  /** Where text after a replacement lies: in `text`, and how much longer `text` is than `sql` by then. */
  const shifts: { at: number; by: number }[] = [];
  let text = "";
  let consumed = 0;
  for (const piece of parseStatement(sql)) {
    if (piece.kind === "text") {
      text += piece.text;
      consumed += piece.text.length;
      continue;
    }
    consumed += piece.name.length + 1;
    const parameter = given.get(piece.name);
    if (!parameter) {
      if (!piece.maybeSlice) throw badRequest(`Cannot find parameter: ${piece.name}`);
      text += `:${piece.name}`;
      continue;
    }
    let number = numbers.get(piece.name);
    if (!number) {
      const { type, value } = toPostgres(parameter);
      values.push(value);
      if (values.length > maxParameters)
        throw badRequest(`A statement takes ${maxParameters} parameters at most`);
      const dollar = `$${values.length}`;
      number = { reference: type === undefined ? dollar : `(${dollar}::${type})` };
      numbers.set(piece.name, number);
    }
    text += number.reference;
    shifts.push({ at: text.length, by: text.length - consumed });
  }
  return {
    text,
    values,
    positionInRequest(position) {
      const shift = shifts.findLast(({ at }) => at < position);
      return position - (shift?.by ?? 0);
    },
  };
}

function toPostgres(parameter: SqlParameter): { type?: string; value: string | Buffer | null } {
  const { name, value, typeHint } = parameter;
  const hinted = typeHint === undefined ? {} : { type: typeOfHint[typeHint] };
  if (value === undefined || "isNull" in value) return { ...hinted, value: null };
  if ("arrayValue" in value)
    throw badRequest(`Parameter "${name}": array parameters are not supported.`);
  if ("stringValue" in value) {
    const [form, example] = (typeHint && formOfHint[typeHint]) ?? [];
    if (form && !form.test(value.stringValue))
      throw badRequest(`Parameter "${name}": with typeHint ${typeHint} write ${example}`);
    return { type: "text", ...hinted, value: value.stringValue };
  }
  if (typeHint !== undefined)
    throw badRequest(`Parameter "${name}": typeHint ${typeHint} goes with a stringValue alone`);
  if ("longValue" in value) return { type: "int8", value: String(value.longValue) };
  if ("doubleValue" in value) return { type: "float8", value: String(value.doubleValue) };
  if ("booleanValue" in value) return { type: "bool", value: String(value.booleanValue) };
  return { type: "bytea", value: Buffer.from(value.blobValue, "base64") };
}
