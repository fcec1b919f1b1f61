/** PostgreSQL, appendix A "PostgreSQL Error Codes". */
export const sqlStates = {
  serializationFailure: "40001",
  deadlockDetected: "40P01",
  uniqueViolation: "23505",
  foreignKeyViolation: "23503",
} as const;

/**
 * The SQLSTATE of a failed statement, wherever in the chain of causes it stands. The Data API
 * writes it at the end of the message ("…; SQLState: 23505"), PostgreSQL drivers into `code`.
 */
export const sqlStateOf = (error: unknown): string | undefined => {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    const inMessage = /SQLState: ([0-9A-Z]{5})/i.exec(cause.message)?.[1];
    if (inMessage !== undefined) return inMessage;
    if ("code" in cause && typeof cause.code === "string" && /^[0-9A-Z]{5}$/.test(cause.code)) {
      return cause.code;
    }
  }
  return undefined;
};
