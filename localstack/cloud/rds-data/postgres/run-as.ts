import { execFile } from "node:child_process";
import { readFileSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { promisify } from "node:util";
import { StartError } from "../../aws-error.ts";

/** How PostgreSQL's programs are started: it refuses to run as root. */
export interface RunAs {
  /** The owner that its files must have; absent when it runs as ourselves. */
  readonly owner?: { readonly uid: number; readonly gid: number };
  /** The command line that starts `program`. */
  command(program: string, args: readonly string[]): readonly [string, readonly string[]];
}

const asOurselves: RunAs = { command: (program, args) => [program, args] };

export interface RunAsOptions {
  /** Where the files will be; may not exist yet. */
  readonly directory: string;
  /** The owner of the files if they exist already: a later start must be the same user. */
  readonly existingOwner?: { readonly uid: number; readonly gid: number };
  readonly binaries: { readonly directory: string; readonly postgres: string };
}

/**
 * Picks an unprivileged user when we are root, and the least it needs to reach its files.
 *
 * A directory of somebody else's above them (`/root`, a 0700 temporary directory) would stop it. It
 * then keeps one right of root's, CAP_DAC_OVERRIDE, as an ambient capability (capabilities(7)); default
 * containers have it. Without SECBIT_NO_SETUID_FIXUP access(2), which PostgreSQL uses to look at its own
 * binary, would leave that right out of account.
 */
export async function chooseRunAs(options: RunAsOptions): Promise<RunAs> {
  if (process.getuid?.() !== 0) return asOurselves;
  if (process.platform !== "linux") throw refusal("this system has no setpriv");
  const owner =
    options.existingOwner && options.existingOwner.uid !== 0
      ? options.existingOwner
      : unprivilegedUser();
  const identity = ["--reuid", String(owner.uid), "--regid", String(owner.gid), "--clear-groups"];
  const reachable = [options.directory, options.binaries.directory].every((path) =>
    canTraverse(path, owner),
  );
  const privileges = reachable
    ? ["--inh-caps", "-all"]
    : [
        "--securebits",
        "+no_setuid_fixup",
        "--inh-caps",
        "-all,+dac_override",
        "--ambient-caps",
        "-all,+dac_override",
      ];
  const runAs: RunAs = {
    owner,
    command: (program, args) => ["setpriv", [...identity, ...privileges, "--", program, ...args]],
  };
  try {
    const [command, args] = runAs.command(options.binaries.postgres, ["--version"]);
    await promisify(execFile)(command, [...args]);
  } catch (error) {
    const stderr = error instanceof Error && "stderr" in error ? String(error.stderr).trim() : "";
    throw refusal(stderr.split("\n")[0] ?? "");
  }
  return runAs;
}

function refusal(reason: string): StartError {
  return new StartError(
    "postgres-as-root",
    `PostgreSQL does not run as root and could not be started as another user${reason ? ` (${reason})` : ""}: ` +
      "start as an ordinary user, or give a PostgreSQL server with --database-url.",
  );
}

/** initdb wants a user that the system knows by name. */
function unprivilegedUser(): { uid: number; gid: number } {
  const users = readFileSync("/etc/passwd", "utf8")
    .split("\n")
    .map((line) => line.split(":"));
  for (const wanted of ["postgres", "nobody"]) {
    const user = users.find(([name]) => name === wanted);
    if (user) return { uid: Number(user[2]), gid: Number(user[3]) };
  }
  throw refusal("neither postgres nor nobody is a user here");
}

/** Whether every existing directory from `/` to `path` lets `owner` pass. */
function canTraverse(path: string, owner: { uid: number; gid: number }): boolean {
  for (let directory = path; ; directory = dirname(directory)) {
    const stat = statSync(directory, { throwIfNoEntry: false });
    if (stat) {
      const bit = stat.uid === owner.uid ? 0o100 : stat.gid === owner.gid ? 0o010 : 0o001;
      if ((stat.mode & bit) === 0) return false;
    }
    if (dirname(directory) === directory) return true;
  }
}
