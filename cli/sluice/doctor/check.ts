/** One thing that was looked at. */
export interface Check {
  readonly name: string;
  /** `optional`: not there, and only some things want it. */
  readonly status: "ok" | "optional" | "missing";
  /** What was found. */
  readonly message: string;
  /** What to do about it. */
  readonly todo?: string;
}
