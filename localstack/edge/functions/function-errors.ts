/** The function threw, took too long or answered nothing that could be read. */
export class FunctionExecutionError extends Error {
  constructor(reason: string) {
    super(reason);
    this.name = "FunctionExecutionError";
  }
}

/** The function ran, but CloudFront does not take what it answered. */
export class FunctionValidationError extends Error {
  constructor(reason: string) {
    super(reason);
    this.name = "FunctionValidationError";
  }
}
