import { type Rational, reduce, toNumber } from "./rational.ts";

const standardRates: readonly Rational[] = [
  { num: 10, den: 1 },
  { num: 12, den: 1 },
  { num: 15, den: 1 },
  { num: 20, den: 1 },
  { num: 24_000, den: 1_001 },
  { num: 24, den: 1 },
  { num: 25, den: 1 },
  { num: 30_000, den: 1_001 },
  { num: 30, den: 1 },
  { num: 48, den: 1 },
  { num: 50, den: 1 },
  { num: 60_000, den: 1_001 },
  { num: 60, den: 1 },
];

const maxRate = 60;
/** Beyond this a numerator would overflow the 32-bit timescale of a track. */
const maxNumerator = 120_000;

const relativeDifference = (a: number, b: number) => Math.abs(a - b) / b;

/** 24 and 24000/1001 are 0.1 % apart: half of that still tells them apart. */
const snapToStandard = (rate: Rational): Rational =>
  standardRates.find(
    (standard) => relativeDifference(toNumber(rate), toNumber(standard)) < 0.0004,
  ) ?? rate;

const halveAboveMaximum = (rate: Rational): Rational =>
  toNumber(rate) <= maxRate * 1.01
    ? rate
    : halveAboveMaximum(reduce({ num: rate.num, den: rate.den * 2 }));

const withSmallNumerator = (rate: Rational): Rational =>
  rate.num <= maxNumerator
    ? rate
    : reduce({ num: Math.max(1, Math.round(toNumber(rate) * 1_000)), den: 1_000 });

/**
 * The one constant rate of every rendition.
 *
 * @param nominal the least common rate of the stream's time stamps (`r_frame_rate`)
 * @param average frames over duration (`avg_frame_rate`)
 */
export const chooseFrameRate = (
  nominal: Rational | undefined,
  average: Rational | undefined,
): Rational => {
  const plausible = (rate: Rational | undefined) =>
    rate && toNumber(rate) >= 1 && toNumber(rate) <= 1_000 ? rate : undefined;
  const mean = plausible(average);
  const steady = plausible(nominal);
  const isSteady = steady && mean && relativeDifference(toNumber(mean), toNumber(steady)) < 0.005;
  // A film with gaps still has its frames on the nominal grid: a finer one than twice its average
  // is a recorder's clock rather than a rate.
  const isGrid =
    steady && mean && toNumber(steady) <= maxRate && toNumber(steady) <= 2 * toNumber(mean);
  if (steady && (!average || isSteady || isGrid))
    return withSmallNumerator(snapToStandard(halveAboveMaximum(steady)));
  if (!average && !steady) return { num: 30, den: 1 };
  // Variable rate: the next standard rate above the average loses (almost) no frame.
  const wanted = toNumber(halveAboveMaximum(mean ?? { num: 1, den: 1 }));
  return (
    standardRates.find((standard) => toNumber(standard) >= wanted * 0.9999) ?? { num: 60, den: 1 }
  );
};
