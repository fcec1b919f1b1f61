/**
 * When an attempt that failed is repeated: after 1, 4, 16 … seconds, then every nine hours, eleven
 * attempts within a day (1 + 4 + … + 4^7 s and twice 9 h). SQS hides a message for twelve hours at
 * most, jitter included.
 */
const firstDelaySeconds = 1;
const growth = 4;
const longestDelaySeconds = 9 * 60 * 60;
const jitter = 0.2;

export const maxAttempts = 11;

/**
 * @param failures attempts that failed so far, from 1
 * @param random in [0, 1); spreads by a fifth what failed together
 * @returns whole seconds, or undefined when it has been tried often enough
 */
export const retryDelay = (failures: number, random: number): number | undefined => {
  if (failures >= maxAttempts) return undefined;
  const nominal = Math.min(firstDelaySeconds * growth ** (failures - 1), longestDelaySeconds);
  return Math.max(1, Math.round(nominal * (1 - jitter + 2 * jitter * random)));
};

/**
 * Seconds that a receiver asks for by `Retry-After` (RFC 9110, section 10.2.3: seconds or a date),
 * within what we would wait ourselves. Undefined when it asks for nothing that can be understood.
 */
export const retryAfterSeconds = (header: string | undefined, now: Date): number | undefined => {
  if (header === undefined) return undefined;
  const seconds = /^\d{1,9}$/.test(header)
    ? Number(header)
    : Math.ceil((Date.parse(header) - now.getTime()) / 1000);
  if (!(seconds > 0)) return undefined;
  return Math.min(seconds, longestDelaySeconds);
};
