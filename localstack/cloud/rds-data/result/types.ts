import type { PoolClient } from "pg";

/** What a result says of a type of PostgreSQL. */
export interface TypeDescription {
  /** As in pg_type, for example `int8`; of arrays `_int8`. */
  readonly name: string;
  /** Of arrays: the type of what is in them. */
  readonly elementOid?: number;
}

/** Knows the types of one database, enums and other types of its own too. */
export class TypeCatalog {
  readonly #known = new Map<number, TypeDescription>();

  /** Asks PostgreSQL about those that were never met before. */
  async describe(
    client: PoolClient,
    oids: readonly number[],
  ): Promise<ReadonlyMap<number, TypeDescription>> {
    let wanted = [...new Set(oids)].filter((oid) => !this.#known.has(oid));
    while (wanted.length > 0) {
      const { rows } = await client.query<{
        oid: number;
        name: string;
        is_array: boolean;
        element: number;
      }>(
        `SELECT oid, typname AS name, typcategory = 'A' AND typelem <> 0 AS is_array, typelem AS element
           FROM pg_catalog.pg_type WHERE oid = ANY($1::oid[])`,
        [wanted],
      );
      for (const { oid, name, is_array: isArray, element } of rows)
        this.#known.set(oid, isArray ? { name, elementOid: element } : { name });
      wanted = rows
        .filter((row) => row.is_array && !this.#known.has(row.element))
        .map((row) => row.element);
    }
    return this.#known;
  }
}
