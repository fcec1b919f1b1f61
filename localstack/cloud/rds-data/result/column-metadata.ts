import type { FieldDef, PoolClient } from "pg";
import type { JsonObject } from "./fields.ts";
import type { TypeDescription } from "./types.ts";

/** java.sql.Types, which ColumnMetadata.type is made of. */
const jdbcTypes: Readonly<Record<string, number>> = {
  bool: -7,
  int2: 5,
  int4: 4,
  int8: -5,
  oid: -5,
  float4: 7,
  float8: 8,
  numeric: 2,
  bpchar: 1,
  text: 12,
  varchar: 12,
  name: 12,
  date: 91,
  time: 92,
  timetz: 92,
  timestamp: 93,
  timestamptz: 93,
  bytea: -2,
};
const jdbcArray = 2003;
const jdbcOther = 1111;
const signed = new Set(["int2", "int4", "int8", "float4", "float8", "numeric"]);
const caseInsensitive = new Set([
  ...signed,
  "bool",
  "oid",
  "date",
  "time",
  "timestamp",
  "timestamptz",
]);

interface Origin {
  readonly column: string;
  readonly table: string;
  readonly schema: string;
  readonly notNull: boolean;
  readonly autoIncrement: boolean;
}

/** `columnMetadata` of a result: what each column is called and where it comes from. */
export async function columnMetadata(
  client: PoolClient,
  fields: readonly FieldDef[],
  catalog: ReadonlyMap<number, TypeDescription>,
): Promise<readonly JsonObject[]> {
  const origins = await findOrigins(client, fields);
  return fields.map((field) => {
    const type = catalog.get(field.dataTypeID);
    const name = type?.name ?? "text";
    const element = type?.elementOid === undefined ? undefined : catalog.get(type.elementOid)?.name;
    const origin = origins.get(`${field.tableID}.${field.columnID}`);
    return {
      arrayBaseColumnType: element === undefined ? 0 : (jdbcTypes[element] ?? jdbcOther),
      isAutoIncrement: origin?.autoIncrement ?? false,
      isCaseSensitive: !caseInsensitive.has(name),
      isCurrency: name === "money",
      isSigned: signed.has(name),
      label: field.name,
      name: field.name,
      // java.sql.ResultSetMetaData: 0 no nulls, 1 nullable, 2 unknown.
      nullable: origin === undefined ? 2 : origin.notNull ? 0 : 1,
      ...precision(name, field),
      schemaName: origin?.schema ?? "",
      tableName: origin?.table ?? "",
      type: element === undefined ? (jdbcTypes[name] ?? jdbcOther) : jdbcArray,
      typeName: name,
    };
  });
}

async function findOrigins(
  client: PoolClient,
  fields: readonly FieldDef[],
): Promise<ReadonlyMap<string, Origin>> {
  const tables = [...new Set(fields.map((field) => field.tableID).filter((oid) => oid !== 0))];
  if (tables.length === 0) return new Map();
  const { rows } = await client.query<Origin & { table_oid: number; number: number }>(
    `SELECT a.attrelid AS table_oid, a.attnum AS number, a.attname AS column, c.relname AS table,
            n.nspname AS schema, a.attnotnull AS "notNull",
            a.attidentity <> '' OR coalesce(pg_get_expr(d.adbin, d.adrelid) LIKE 'nextval(%', false) AS "autoIncrement"
       FROM pg_catalog.pg_attribute a
       JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
       JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
       LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
      WHERE a.attrelid = ANY($1::oid[]) AND a.attnum > 0`,
    [tables],
  );
  return new Map(rows.map((row) => [`${row.table_oid}.${row.number}`, row]));
}

const precisionOf: Readonly<Record<string, number>> = {
  bool: 1,
  int2: 5,
  int4: 10,
  int8: 19,
  float4: 8,
  float8: 17,
  uuid: 36,
  date: 13,
};

/** Of numeric(p, s) and varchar(n) as they were declared (pg_attribute.atttypmod holds both, plus 4). */
function precision(name: string, field: FieldDef): { precision: number; scale: number } {
  const declared = field.dataTypeModifier - 4;
  if (name === "numeric" && declared >= 0)
    return { precision: (declared >> 16) & 0xffff, scale: declared & 0x7ff };
  if ((name === "varchar" || name === "bpchar") && declared >= 0)
    return { precision: declared, scale: 0 };
  return { precision: precisionOf[name] ?? 2_147_483_647, scale: 0 };
}
