/**
 * How SNS tries again what SQS or Lambda could not take: 3 times at once, twice after a second, 10
 * times at growing distance, then every 20 seconds; 100,015 times over 23 days
 * (https://docs.aws.amazon.com/sns/latest/dg/sns-message-delivery-retries.html#creating-delivery-policy).
 */
const AT_ONCE = 3;
const BEFORE_BACKOFF = 2;
const BACKOFF = 10;
const AFTER_BACKOFF = 100_000;
const FIRST_SECONDS = 1;
const LAST_SECONDS = 20;

/** Milliseconds from the `failures`th failure, counted from 1, to the next attempt; undefined when there is none. */
export function retryAfterMs(failures: number): number | undefined {
  const step = failures - AT_ONCE - BEFORE_BACKOFF;
  if (failures <= AT_ONCE) return 0;
  if (step <= 0) return FIRST_SECONDS * 1000;
  if (step <= BACKOFF) {
    const growth = (LAST_SECONDS / FIRST_SECONDS) ** ((step - 1) / (BACKOFF - 1));
    return Math.round(FIRST_SECONDS * growth * 1000);
  }
  return step <= BACKOFF + AFTER_BACKOFF ? LAST_SECONDS * 1000 : undefined;
}
