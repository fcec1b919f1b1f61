import type { z } from "zod";
import type { CloudContext } from "../context.ts";
import * as definitions from "./definitions.ts";

const schemas = {
  RestApi: definitions.restApi,
  Resource: definitions.resource,
  Method: definitions.method,
  Authorizer: definitions.authorizer,
  Deployment: definitions.deployment,
  Stage: definitions.stage,
  GatewayResponse: definitions.gatewayResponse,
} as const;
export type Kind = keyof typeof schemas;
export type Definition<K extends Kind> = z.infer<(typeof schemas)[K]>;

/** Where a resource stands in the app; two APIs may well have a stage of the same name. */
export interface Place {
  readonly stackName: string;
  readonly logicalId: string;
}

export interface Stored<K extends Kind> {
  readonly id: string;
  readonly definition: Definition<K>;
}

/** Everything the templates say about REST APIs, kept in the cloud's database. */
export class DefinitionStore {
  readonly #database: CloudContext["database"];
  /** Grows with every change, so that what was derived can be derived again. */
  revision = 0;

  constructor({ database }: Pick<CloudContext, "database">) {
    this.#database = database;
    database.exec(
      `CREATE TABLE IF NOT EXISTS apigateway_definitions (
         stack_name TEXT NOT NULL,
         logical_id TEXT NOT NULL,
         kind       TEXT NOT NULL,
         id         TEXT NOT NULL,
         definition TEXT NOT NULL,
         PRIMARY KEY (stack_name, logical_id)
       ) STRICT`,
    );
  }

  save<K extends Kind>(place: Place, kind: K, id: string, definition: Definition<K>): void {
    this.#database
      .prepare(
        `INSERT INTO apigateway_definitions (stack_name, logical_id, kind, id, definition)
         VALUES (?, ?, ?, ?, ?)
         ON CONFLICT (stack_name, logical_id) DO UPDATE
           SET kind = excluded.kind, id = excluded.id, definition = excluded.definition`,
      )
      .run(place.stackName, place.logicalId, kind, id, JSON.stringify(definition));
    this.revision += 1;
  }

  /** Nothing happens when a new resource has taken its place. */
  remove(place: Place, id: string): void {
    this.#database
      .prepare(
        "DELETE FROM apigateway_definitions WHERE stack_name = ? AND logical_id = ? AND id = ?",
      )
      .run(place.stackName, place.logicalId, id);
    this.revision += 1;
  }

  list<K extends Kind>(kind: K): Stored<K>[] {
    return this.#database
      .prepare("SELECT id, definition FROM apigateway_definitions WHERE kind = ?")
      .all(kind)
      .map((row) => ({
        id: String(row.id),
        definition: schemas[kind].parse(JSON.parse(String(row.definition))) as Definition<K>,
      }));
  }
}
