import type { Clock } from "../clock.ts";
import type { RoutedCall } from "./call.ts";
import type { Stage } from "./definitions.ts";
import { GatewayFailure } from "./gateway-response.ts";
import { TokenBucket } from "./token-bucket.ts";

/** "10,000 requests per second with an additional burst capacity … 5,000" for the account. */
const accountRate = 10_000;
const accountBurst = 5_000;

/** Counts requests against the account's quota and the limits of the stage's methods. */
export class Throttling {
  readonly #clock: Clock;
  readonly #account: TokenBucket;
  readonly #methods = new Map<string, TokenBucket>();

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#account = new TokenBucket(accountRate, accountBurst, clock.now());
  }

  /** @throws GatewayFailure THROTTLED */
  admit(call: RoutedCall): void {
    const now = this.#clock.now();
    if (!this.#account.take(now)) throw new GatewayFailure("THROTTLED");
    const limit = limitOf(call.stage, call.node.path, call.method.HttpMethod);
    if (!limit) return;
    const key = JSON.stringify([
      call.api.id,
      call.stage.StageName,
      call.node.id,
      call.method.HttpMethod,
      limit,
    ]);
    let bucket = this.#methods.get(key);
    if (!bucket) {
      bucket = new TokenBucket(limit.rate, limit.burst, now);
      this.#methods.set(key, bucket);
    }
    if (!bucket.take(now)) throw new GatewayFailure("THROTTLED");
  }
}

interface Limit {
  readonly rate: number;
  readonly burst: number;
}

/** The limits of the method itself, else those of all methods of the stage. */
function limitOf(stage: Stage, path: string, method: string): Limit | undefined {
  const own = stage.MethodSettings.find(
    (setting) => setting.HttpMethod === method && settingPath(setting.ResourcePath) === path,
  );
  const all = stage.MethodSettings.find(
    (setting) => setting.HttpMethod === "*" && settingPath(setting.ResourcePath) === "/*",
  );
  const rate = own?.ThrottlingRateLimit ?? all?.ThrottlingRateLimit;
  const burst = own?.ThrottlingBurstLimit ?? all?.ThrottlingBurstLimit;
  if (rate === undefined && burst === undefined) return undefined;
  return { rate: rate ?? accountRate, burst: burst ?? accountBurst };
}

/** `/~1videos~1{videoId}` is `/videos/{videoId}`. */
function settingPath(written: string): string {
  return `/${written.replaceAll("~1", "/").replace(/^\/+/, "")}`;
}
