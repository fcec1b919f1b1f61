import { z } from "zod";

/** A positive ratio of integers: frame rates are never floating seconds inside the pipeline. */
export const rationalSchema = z.strictObject({
  num: z.int().min(1),
  den: z.int().min(1),
});
export type Rational = z.infer<typeof rationalSchema>;

export const toNumber = ({ num, den }: Rational): number => num / den;

const greatestCommonDivisor = (a: number, b: number): number =>
  b === 0 ? a : greatestCommonDivisor(b, a % b);

export const reduce = ({ num, den }: Rational): Rational => {
  const divisor = greatestCommonDivisor(num, den);
  return { num: num / divisor, den: den / divisor };
};

/** Reads ffprobe's `30000/1001`; undefined for `0/0`, which it writes for what it does not know. */
export const parseRational = (text: string | undefined): Rational | undefined => {
  const match = /^(\d{1,12})[/:](\d{1,12})$/.exec(text ?? "");
  const num = Number(match?.[1]);
  const den = Number(match?.[2]);
  return num > 0 && den > 0 ? reduce({ num, den }) : undefined;
};
