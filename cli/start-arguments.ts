import { statSync } from "node:fs";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { type Dispatch, dispatches, dispatchSchema } from "@sluice/contracts";
import { CommandError } from "./errors.ts";

export interface StartArguments {
  /** Absolute paths of the files to upload. */
  readonly files: readonly string[];
  /** Of the page; the AWS endpoint takes the next one. 0 lets the system choose both. */
  readonly port: number;
  readonly dataDir: string;
  readonly databaseUrl: string | undefined;
  /** Of the files of this start; undefined leaves it to the deployment. */
  readonly dispatch: Dispatch | undefined;
  readonly fresh: boolean;
  readonly json: boolean;
  readonly help: boolean;
}

export const defaultPort = 8080;

export const startHelp = `Usage: npm start -- [FILE…] [options]

Starts Sluice on this machine and prints where to watch. With files: uploads each,
prints its address as soon as its first seconds can be played, and goes on transcoding.

  --port N            port of the page (default ${defaultPort}; the AWS endpoint takes N+1; 0 = free ports)
  --data-dir D        where videos and state live (default .sluice)
  --database-url URL  use this PostgreSQL 18 instead of the one that comes along
  --dispatch HOW      how workers get the tasks of these files: pull (queue) or push (topic)
  --fresh             delete what the data directory holds, then start
  --json              one JSON object a line on standard output
  --help              this text

Examples:
  npm start
  npm start -- film.mp4 holiday.mov
  npm start -- --port 9000 --data-dir /srv/sluice film.mp4
`;

/**
 * @param workingDirectory what relative paths are relative to
 * @throws CommandError invalid-arguments, file-unreadable
 */
export function parseStartArguments(
  argv: readonly string[],
  workingDirectory: string,
): StartArguments {
  const { values, positionals } = parse(argv);
  const port = values.port === undefined ? defaultPort : Number(values.port);
  if (!Number.isInteger(port) || port < 0 || port > 65_534) {
    throw new CommandError(
      "invalid-arguments",
      `--port takes a whole number from 0 to 65534, not "${values.port}".`,
    );
  }
  return {
    files: positionals.map((path) => readableFile(resolve(workingDirectory, path), path)),
    port,
    dataDir: resolve(workingDirectory, values["data-dir"] ?? ".sluice"),
    databaseUrl: values["database-url"],
    dispatch: dispatchOf(values.dispatch),
    fresh: values.fresh,
    json: values.json,
    help: values.help,
  };
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      allowPositionals: true,
      strict: true,
      options: {
        port: { type: "string" },
        "data-dir": { type: "string" },
        "database-url": { type: "string" },
        dispatch: { type: "string" },
        fresh: { type: "boolean", default: false },
        json: { type: "boolean", default: false },
        help: { type: "boolean", short: "h", default: false },
      },
    });
  } catch (error) {
    const reason = error instanceof Error ? error.message.split(". ")[0] : String(error);
    throw new CommandError(
      "invalid-arguments",
      `${reason}; \`npm start -- --help\` lists the options.`,
    );
  }
}

function dispatchOf(given: string | undefined): Dispatch | undefined {
  const parsed = dispatchSchema.optional().safeParse(given);
  if (parsed.success) return parsed.data;
  throw new CommandError(
    "invalid-arguments",
    `--dispatch takes ${dispatches.join(" or ")}, not "${given}".`,
  );
}

function readableFile(path: string, given: string): string {
  const found = statSync(path, { throwIfNoEntry: false });
  if (!found) {
    throw new CommandError("file-unreadable", `There is no file "${given}".`);
  }
  if (!found.isFile()) {
    throw new CommandError("file-unreadable", `"${given}" is not a file.`);
  }
  return path;
}
