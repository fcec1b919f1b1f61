/** Something the person at the terminal can mend: printed as one sentence, exit code 1. */
export class CommandError extends Error {
  /** Stable, for example `port-in-use`; the `code` of `--json` errors. */
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.name = "CommandError";
    this.code = code;
  }
}

/** Errors of this kind come from several packages (the cloud, the edge): known by shape, not by class. */
export function isExplained(error: unknown): error is Error & { readonly code: string } {
  return (
    error instanceof Error &&
    ["CommandError", "StartError"].includes(error.name) &&
    "code" in error &&
    typeof error.code === "string"
  );
}
