import type { CloudContext } from "../context.ts";

/** A DB cluster of the template, as far as the Data API needs it. */
export interface Cluster {
  readonly identifier: string;
  readonly arn: string;
  readonly databaseName: string;
  readonly masterUsername: string;
  readonly httpEndpoint: boolean;
}

/** The clusters of all stacks, kept in the cloud's own database. */
export class ClusterRegistry {
  readonly #context: Pick<CloudContext, "database">;

  constructor(context: Pick<CloudContext, "database">) {
    this.#context = context;
    context.database.exec(
      `CREATE TABLE IF NOT EXISTS rds_data_clusters (
         identifier      TEXT PRIMARY KEY,
         arn             TEXT NOT NULL UNIQUE,
         database_name   TEXT NOT NULL,
         master_username TEXT NOT NULL,
         http_endpoint   INTEGER NOT NULL
       ) STRICT`,
    );
  }

  save(cluster: Cluster): void {
    this.#context.database
      .prepare(
        `INSERT INTO rds_data_clusters (identifier, arn, database_name, master_username, http_endpoint)
         VALUES (?, ?, ?, ?, ?)
         ON CONFLICT (identifier) DO UPDATE SET arn = excluded.arn, database_name = excluded.database_name,
           master_username = excluded.master_username, http_endpoint = excluded.http_endpoint`,
      )
      .run(
        cluster.identifier,
        cluster.arn,
        cluster.databaseName,
        cluster.masterUsername,
        cluster.httpEndpoint ? 1 : 0,
      );
  }

  remove(identifier: string): void {
    this.#context.database
      .prepare("DELETE FROM rds_data_clusters WHERE identifier = ?")
      .run(identifier);
  }

  find(arn: string): Cluster | undefined {
    return this.#all().find((cluster) => cluster.arn === arn);
  }

  /** The cluster that has this database already. */
  ownerOf(databaseName: string): string | undefined {
    return this.#all().find((cluster) => cluster.databaseName === databaseName)?.identifier;
  }

  #all(): Cluster[] {
    return this.#context.database
      .prepare("SELECT * FROM rds_data_clusters")
      .all()
      .map((row) => ({
        identifier: String(row.identifier),
        arn: String(row.arn),
        databaseName: String(row.database_name),
        masterUsername: String(row.master_username),
        httpEndpoint: row.http_endpoint === 1,
      }));
  }
}
