import {
  databaseEnvironment,
  databaseLocation,
  openDatabase,
} from "../database/data-api-database.ts";
import { migrations } from "../database/migrations/index.ts";
import { migrate } from "../database/migrator.ts";
import { readEnvironment } from "../environment.ts";
import { createLogger } from "../logging.ts";

const logger = createLogger("migrate");
const database = openDatabase(databaseLocation(readEnvironment(databaseEnvironment)));

/** Invoked by the deploy command; fails when the database and the code do not belong together. */
export const handler = async (): Promise<{ applied: string[] }> => {
  const applied = await migrate(database, migrations);
  logger.info("Migrated", { applied });
  return { applied };
};
