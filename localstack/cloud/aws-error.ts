/** An error as an AWS service answers it. Each protocol writes it in its own form. */
export class AwsError extends Error {
  /** For example `NoSuchKey` or `ResourceNotFoundException`. */
  readonly code: string;
  readonly status: number;
  /** Further members of the answer, for example `{ Key: "a" }`. */
  readonly details: Readonly<Record<string, string>>;

  constructor(
    code: string,
    message: string,
    status = 400,
    details: Readonly<Record<string, string>> = {},
  ) {
    super(message);
    this.name = "AwsError";
    this.code = code;
    this.status = status;
    this.details = details;
  }
}

/** Something the person who started the cloud must mend: shown as one sentence, without a stack. */
export class StartError extends Error {
  /** Stable, for example `port-in-use`. */
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.name = "StartError";
    this.code = code;
  }
}
