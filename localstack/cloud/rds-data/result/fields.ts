import { types } from "pg";
import { unsupportedResult } from "../errors.ts";
import type { ResultSetOptions } from "../requests.ts";
import type { TypeDescription } from "./types.ts";

/** Any value that JSON.stringify writes. */
type Json = string | number | boolean | null | RawJson | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [name: string]: Json;
}
/** A number in its own digits, for those that a JavaScript number would round. */
interface RawJson {
  readonly rawJSON: string;
}

/** ES2026 `JSON.rawJSON`: Node 24 has it, the library's types not yet. */
const { rawJSON } = JSON as typeof JSON & { rawJSON(text: string): RawJson };

type Scalar =
  | { readonly member: "booleanValue"; readonly value: boolean }
  | { readonly member: "longValue"; readonly value: number | RawJson }
  | { readonly member: "doubleValue"; readonly value: number | string }
  | { readonly member: "blobValue"; readonly value: string }
  | { readonly member: "stringValue"; readonly value: string };

const memberOfArray = {
  booleanValue: "booleanValues",
  longValue: "longValues",
  doubleValue: "doubleValues",
  stringValue: "stringValues",
  blobValue: "stringValues",
} as const;

/** Turns PostgreSQL's text forms into Fields of the Data API, by the type of the column. */
export interface FieldReader {
  /** As a member of `records`. */
  field(oid: number, text: string | null): JsonObject;
  /** As a value in `formattedRecords`. */
  plain(oid: number, text: string | null): Json;
}

export function fieldReader(
  catalog: ReadonlyMap<number, TypeDescription>,
  options: ResultSetOptions,
): FieldReader {
  const typeName = (oid: number): string => catalog.get(oid)?.name ?? "text";

  /** Of one kind throughout: a numeric that happens to be whole stays a string like its neighbours. */
  const inArray: ResultSetOptions = { ...options, decimalReturnType: "STRING" };
  const elementsOf = (elementOid: number, text: string): readonly (Scalar | null)[] => {
    const parsed: readonly (string | null | readonly unknown[])[] = parseTextArray(text);
    return parsed.map((element) => {
      if (element === null) return null;
      if (typeof element !== "string")
        throw unsupportedResult("The result contains a multidimensional array.");
      return scalar(typeName(elementOid), element, inArray);
    });
  };

  return {
    field(oid, text) {
      if (text === null) return { isNull: true };
      const elementOid = catalog.get(oid)?.elementOid;
      if (elementOid === undefined) {
        const { member, value } = scalar(typeName(oid), text, options);
        return { [member]: value };
      }
      const elements = elementsOf(elementOid, text);
      const { member } = scalar(typeName(elementOid), "0", inArray);
      return {
        arrayValue: { [memberOfArray[member]]: elements.map((each) => each?.value ?? null) },
      };
    },
    plain(oid, text) {
      if (text === null) return null;
      const elementOid = catalog.get(oid)?.elementOid;
      if (elementOid === undefined) return scalar(typeName(oid), text, options).value;
      return elementsOf(elementOid, text).map((each) => each?.value ?? null);
    },
  };
}

/** Of text[]; the list of types that comes with the function leaves arrays out. */
const textArrayOid: number = 1009;
const parseTextArray = types.getTypeParser(textArrayOid);

function scalar(typeName: string, text: string, options: ResultSetOptions): Scalar {
  switch (typeName) {
    case "bool":
      return { member: "booleanValue", value: text === "t" };
    case "int2":
    case "int4":
    case "int8":
    case "oid":
      return options.longReturnType === "STRING"
        ? { member: "stringValue", value: text }
        : { member: "longValue", value: long(text) };
    case "float4":
    case "float8":
      return { member: "doubleValue", value: double(text) };
    case "numeric":
      if (options.decimalReturnType === "STRING") return { member: "stringValue", value: text };
      return /^-?\d+$/.test(text)
        ? { member: "longValue", value: long(text) }
        : { member: "doubleValue", value: double(text) };
    case "bytea":
      return { member: "blobValue", value: Buffer.from(text.slice(2), "hex").toString("base64") };
    case "timestamptz":
      // Sessions are in UTC, and AWS writes no offset.
      return { member: "stringValue", value: text.replace(/\+00$/, "") };
    default:
      return { member: "stringValue", value: text };
  }
}

function long(text: string): number | RawJson {
  const number = Number(text);
  return Number.isSafeInteger(number) ? number : rawJSON(text);
}

/** JSON has no NaN or infinities: AWS's restJson1 writes them as strings. */
function double(text: string): number | string {
  const number = Number(text);
  return Number.isFinite(number) ? number : String(number);
}
