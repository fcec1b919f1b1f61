import { escapeIdentifier, escapeLiteral, type Pool } from "pg";

export interface DatabaseOwner {
  readonly databaseName: string;
  readonly username: string;
  readonly password: string;
}

/**
 * Makes the role and the database of a cluster, or brings them to what the template says.
 * The role is no superuser, as the master user of Aurora is none.
 */
export async function setUpDatabase(admin: Pool, owner: DatabaseOwner): Promise<void> {
  const role = escapeIdentifier(owner.username);
  const database = escapeIdentifier(owner.databaseName);
  const login = `LOGIN CREATEDB CREATEROLE PASSWORD ${escapeLiteral(owner.password)}`;

  const roles = await admin.query("SELECT 1 FROM pg_roles WHERE rolname = $1", [owner.username]);
  await admin.query(`${roles.rowCount ? "ALTER" : "CREATE"} ROLE ${role} ${login}`);

  const databases = await admin.query("SELECT 1 FROM pg_database WHERE datname = $1", [
    owner.databaseName,
  ]);
  if (!databases.rowCount) {
    // On a server of somebody else's the administrator may be no superuser, and must belong to the owner.
    await admin.query(`GRANT ${role} TO CURRENT_USER`);
    await admin.query(`CREATE DATABASE ${database} OWNER ${role}`);
  }
}
