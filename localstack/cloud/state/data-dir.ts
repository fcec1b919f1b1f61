import { accessSync, constants, mkdirSync } from "node:fs";
import path from "node:path";
import { StartError } from "../aws-error.ts";

/**
 * Makes the data directory when it is not there, and checks that it can be written.
 *
 * @returns its absolute path
 * @throws StartError `data-dir-unwritable`
 */
export function prepareDataDir(dataDir: string): string {
  const absolute = path.resolve(dataDir);
  // PostgreSQL refuses to run as root, so it runs as somebody else and must be able to pass through.
  const mode = process.getuid?.() === 0 ? 0o711 : 0o700;
  try {
    mkdirSync(absolute, { recursive: true, mode });
    accessSync(absolute, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    throw unwritable(absolute, error);
  }
  return absolute;
}

export function unwritable(dataDir: string, cause: unknown): StartError {
  const reason = cause instanceof Error && "code" in cause ? ` (${String(cause.code)})` : "";
  return new StartError(
    "data-dir-unwritable",
    `The data directory ${dataDir} cannot be written${reason}. Make it writable, or choose another one.`,
  );
}
