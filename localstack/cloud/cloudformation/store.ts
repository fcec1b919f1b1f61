import { z } from "zod";
import { StartError } from "../aws-error.ts";
import type { CloudContext } from "../context.ts";
import type { ResourceState } from "../resource-provider.ts";

export interface StoredResource extends ResourceState {
  readonly stackName: string;
  readonly logicalId: string;
  readonly type: string;
  /** Kept when the logical id leaves the template. */
  readonly keepOnDelete: boolean;
}

/** A physical resource that nothing in a template stands for any more. */
export interface ObsoleteResource {
  readonly id: number;
  readonly stackName: string;
  readonly logicalId: string;
  readonly type: string;
  readonly physicalId: string;
}

const resourceRow = z
  .object({
    stack_name: z.string(),
    logical_id: z.string(),
    type: z.string(),
    physical_id: z.string(),
    attributes: z.string(),
    keep_on_delete: z.number(),
  })
  .transform(
    (row): StoredResource => ({
      stackName: row.stack_name,
      logicalId: row.logical_id,
      type: row.type,
      physicalId: row.physical_id,
      attributes: z.record(z.string(), z.string()).parse(JSON.parse(row.attributes)),
      keepOnDelete: row.keep_on_delete === 1,
    }),
  );

const obsoleteRow = z
  .object({
    id: z.number(),
    stack_name: z.string(),
    logical_id: z.string(),
    type: z.string(),
    physical_id: z.string(),
  })
  .transform(
    (row): ObsoleteResource => ({
      id: row.id,
      stackName: row.stack_name,
      logicalId: row.logical_id,
      type: row.type,
      physicalId: row.physical_id,
    }),
  );

export type StackStore = ReturnType<typeof openStackStore>;

/** What stands, by stack and logical id. Each method is one transaction. */
export function openStackStore({
  database,
  transaction,
}: Pick<CloudContext, "database" | "transaction">) {
  database.exec(`
    CREATE TABLE IF NOT EXISTS cloudformation_resources (
      position INTEGER PRIMARY KEY AUTOINCREMENT,
      stack_name TEXT NOT NULL,
      logical_id TEXT NOT NULL,
      type TEXT NOT NULL,
      physical_id TEXT NOT NULL,
      attributes TEXT NOT NULL,
      keep_on_delete INTEGER NOT NULL,
      UNIQUE (stack_name, logical_id)
    ) STRICT;
    CREATE TABLE IF NOT EXISTS cloudformation_obsolete (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      position INTEGER NOT NULL,
      stack_name TEXT NOT NULL,
      logical_id TEXT NOT NULL,
      type TEXT NOT NULL,
      physical_id TEXT NOT NULL,
      attributes TEXT NOT NULL
    ) STRICT;
    CREATE TABLE IF NOT EXISTS cloudformation_outputs (
      stack_name TEXT NOT NULL,
      name TEXT NOT NULL,
      value TEXT NOT NULL,
      export_name TEXT UNIQUE,
      PRIMARY KEY (stack_name, name)
    ) STRICT;
  `);

  const selectOne = database.prepare(
    "SELECT * FROM cloudformation_resources WHERE stack_name = ? AND logical_id = ?",
  );
  const find = (stackName: string, logicalId: string): StoredResource | undefined => {
    const row = selectOne.get(stackName, logicalId);
    return row && resourceRow.parse(row);
  };
  const setAside = (stackName: string, logicalId: string) =>
    database
      .prepare(
        `INSERT INTO cloudformation_obsolete (position, stack_name, logical_id, type, physical_id, attributes)
         SELECT position, stack_name, logical_id, type, physical_id, attributes
         FROM cloudformation_resources WHERE stack_name = ? AND logical_id = ?`,
      )
      .run(stackName, logicalId);

  return {
    find,

    /** Whatever its stack; the one made last when several stand for one physical resource. */
    findByPhysicalId(physicalId: string): StoredResource | undefined {
      const row = database
        .prepare(
          "SELECT * FROM cloudformation_resources WHERE physical_id = ? ORDER BY position DESC LIMIT 1",
        )
        .get(physicalId);
      return row && resourceRow.parse(row);
    },

    stackNames(): string[] {
      return database
        .prepare("SELECT DISTINCT stack_name FROM cloudformation_resources ORDER BY stack_name")
        .all()
        .map((row) => String(row.stack_name));
    },

    /** Records what `put` answered. What stood there before and is another thing becomes obsolete. */
    save(resource: StoredResource, keepReplaced: boolean): void {
      transaction(() => {
        const { stackName, logicalId, type, physicalId } = resource;
        const before = find(stackName, logicalId);
        if (before && !isSame(before, resource) && !keepReplaced) setAside(stackName, logicalId);
        database
          .prepare(
            `INSERT INTO cloudformation_resources
               (stack_name, logical_id, type, physical_id, attributes, keep_on_delete)
             VALUES (?, ?, ?, ?, ?, ?)
             ON CONFLICT (stack_name, logical_id) DO UPDATE SET
               type = excluded.type, physical_id = excluded.physical_id,
               attributes = excluded.attributes, keep_on_delete = excluded.keep_on_delete`,
          )
          .run(
            stackName,
            logicalId,
            type,
            physicalId,
            JSON.stringify(resource.attributes),
            resource.keepOnDelete ? 1 : 0,
          );
      });
    },

    /**
     * Forgets the resources of a stack whose logical ids left its template.
     *
     * @returns those that are kept, and which nothing stands for any more
     */
    forgetAbsent(stackName: string, present: ReadonlySet<string>): StoredResource[] {
      return transaction(() => {
        const absent = database
          .prepare("SELECT * FROM cloudformation_resources WHERE stack_name = ?")
          .all(stackName)
          .map((row) => resourceRow.parse(row))
          .filter((resource) => !present.has(resource.logicalId));
        for (const { logicalId, keepOnDelete } of absent) {
          if (!keepOnDelete) setAside(stackName, logicalId);
          database
            .prepare("DELETE FROM cloudformation_resources WHERE stack_name = ? AND logical_id = ?")
            .run(stackName, logicalId);
        }
        return absent.filter((resource) => resource.keepOnDelete);
      });
    },

    /** What is to be deleted: last made, first deleted. Without what another logical id took over. */
    obsolete(): ObsoleteResource[] {
      return transaction(() => {
        database.exec(`
          DELETE FROM cloudformation_obsolete AS gone WHERE EXISTS (
            SELECT 1 FROM cloudformation_resources AS kept
            WHERE kept.type = gone.type AND (
              kept.physical_id = gone.physical_id OR
              kept.attributes ->> 'Arn' = gone.attributes ->> 'Arn'))`);
        return database
          .prepare("SELECT * FROM cloudformation_obsolete ORDER BY position DESC")
          .all()
          .map((row) => obsoleteRow.parse(row));
      });
    },

    forgetObsolete(id: number): void {
      database.prepare("DELETE FROM cloudformation_obsolete WHERE id = ?").run(id);
    },

    /** @throws StartError `export-taken` when another stack exports the name */
    saveOutputs(stackName: string, outputs: readonly StackOutput[]): void {
      transaction(() => {
        database.prepare("DELETE FROM cloudformation_outputs WHERE stack_name = ?").run(stackName);
        for (const { name, value, exportName } of outputs) {
          const owner = exportName === undefined ? undefined : findExport(exportName);
          if (owner) {
            throw new StartError(
              "export-taken",
              `Stack ${stackName} exports ${exportName}, which stack ${owner.stackName} exports already.`,
            );
          }
          database
            .prepare(
              "INSERT INTO cloudformation_outputs (stack_name, name, value, export_name) VALUES (?, ?, ?, ?)",
            )
            .run(stackName, name, value, exportName ?? null);
        }
      });
    },

    exportedValue(exportName: string): string | undefined {
      return findExport(exportName)?.value;
    },
  };

  function findExport(exportName: string) {
    const row = database
      .prepare("SELECT stack_name, value FROM cloudformation_outputs WHERE export_name = ?")
      .get(exportName);
    return row && { stackName: String(row.stack_name), value: String(row.value) };
  }
}

/**
 * Whether two states are of one physical resource. An ARN says so even when the physical id changed:
 * a queue's is its URL, which holds the port of this start.
 */
function isSame(before: StoredResource, after: StoredResource): boolean {
  if (before.type !== after.type) return false;
  if (before.physicalId === after.physicalId) return true;
  return before.attributes.Arn !== undefined && before.attributes.Arn === after.attributes.Arn;
}

export interface StackOutput {
  readonly name: string;
  readonly value: string;
  readonly exportName?: string;
}
