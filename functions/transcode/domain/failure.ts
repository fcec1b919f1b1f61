/** Why a video cannot be made. Stable: clients may branch on it. */
export const failureCodes = [
  "not-a-video",
  "no-picture",
  "cut-off",
  "unreadable",
  "too-long",
  "too-large",
  "too-small",
  "implausible",
  "undecodable",
  "gave-up",
] as const;
export type FailureCode = (typeof failureCodes)[number];

/** What the library keeps and shows. */
export interface Failure {
  readonly code: FailureCode;
  readonly message: string;
}

/** A verdict on the file, as opposed to a fault of ours: trying again would not help. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly code: FailureCode;

  /** @param predicate what follows the file's name in the sentence, for example `is a picture.` */
  constructor(code: FailureCode, predicate: string) {
    super(predicate);
    this.code = code;
  }
}

/** One sentence for the person who uploaded the file. */
export const failureOf = (refusal: Refusal, fileName: string): Failure => ({
  code: refusal.code,
  message: `${fileName} ${refusal.message}`,
});

export const spokenSeconds = (seconds: number): string => {
  if (seconds < 90) return `${Math.floor(seconds)} s`;
  if (seconds < 5_400) return `${Math.floor(seconds / 60)} min`;
  return `${(seconds / 3_600).toFixed(1)} h`;
};
