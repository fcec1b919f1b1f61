import { z } from "zod";
import { AwsError } from "../aws-error.ts";
import type { CloudContext } from "../context.ts";
import { type Documents, documents } from "./documents.ts";
import { type FunctionConfig, functionConfig } from "./function-config.ts";
import {
  type CompletedInvocation,
  FunctionPool,
  type PoolOptions,
  type Reservation,
} from "./function-pool.ts";
import { ACCOUNT_CONCURRENCY, MAX_SYNC_PAYLOAD_BYTES } from "./limits.ts";

export interface InvokeOptions {
  readonly requestId?: string;
  readonly clientContext?: string | undefined;
}

/** The functions of the account, and the ways to run them. */
export class Functions {
  readonly #context: CloudContext;
  readonly #options: PoolOptions;
  readonly #documents: Documents<FunctionConfig>;
  /** Names that stand for $LATEST: `function:qualifier`. */
  readonly #qualifiers: Documents<{ readonly qualified: string }>;
  readonly #pools = new Map<string, FunctionPool>();
  readonly #leaving = new Set<Promise<void>>();
  readonly #stopping = new AbortController();

  constructor(options: PoolOptions) {
    this.#context = options.context;
    this.#options = options;
    const { database } = options.context;
    this.#documents = documents(database, "function", functionConfig);
    this.#qualifiers = documents(database, "qualifier", z.strictObject({ qualified: z.string() }));
    for (const config of this.#documents.all()) this.#open(config);
  }

  all(): FunctionConfig[] {
    return [...this.#pools.values()].map((pool) => pool.config);
  }

  put(config: FunctionConfig): void {
    this.#documents.put(config.name, config);
    const pool = this.#pools.get(config.name);
    if (pool) pool.update(config);
    else this.#open(config);
  }

  delete(name: string): void {
    this.#documents.delete(name);
    const pool = this.#pools.get(name);
    this.#pools.delete(name);
    if (!pool) return;
    const leaving = pool.close(Promise.resolve()).finally(() => this.#leaving.delete(leaving));
    this.#leaving.add(leaving);
  }

  putQualifier(functionName: string, qualifier: string): void {
    const qualified = `${functionName}:${qualifier}`;
    this.#qualifiers.put(qualified, { qualified });
  }

  deleteQualifier(functionName: string, qualifier: string): void {
    this.#qualifiers.delete(`${functionName}:${qualifier}`);
  }

  arnOf(name: string): string {
    return `arn:aws:lambda:${this.#context.region}:${this.#context.accountId}:function:${name}`;
  }

  /** By name, partial ARN or ARN, with or without a qualifier. @throws AwsError ResourceNotFoundException */
  find(reference: string): FunctionConfig {
    return this.#pool(reference).config;
  }

  /**
   * Runs a function and waits for its answer.
   * @throws AwsError ResourceNotFoundException, TooManyRequestsException, RequestEntityTooLargeException
   */
  async invoke(
    reference: string,
    payload: Uint8Array,
    options: InvokeOptions = {},
  ): Promise<CompletedInvocation> {
    if (payload.length > MAX_SYNC_PAYLOAD_BYTES) {
      throw new AwsError(
        "RequestEntityTooLargeException",
        `Request must be smaller than ${MAX_SYNC_PAYLOAD_BYTES} bytes for the InvokeFunction operation`,
        413,
      );
    }
    const pool = this.#pool(reference);
    this.#throttle(pool);
    const reservation = await pool.reserve(this.#stopping.signal);
    if (!reservation) throw stopping();
    return reservation.run(payload, options);
  }

  /** Waits for the right to run a function; undefined when `signal` or the end came first. */
  reserve(reference: string, signal: AbortSignal): Promise<Reservation | undefined> {
    return this.#pool(reference).reserve(AbortSignal.any([signal, this.#stopping.signal]));
  }

  /** Lets running invocations finish within `graceMs`; then nothing is left running. */
  async stop(graceMs: number): Promise<void> {
    this.#stopping.abort();
    const grace = Promise.withResolvers<void>();
    // By the machine's clock: a test that stands still must end too.
    const timer = setTimeout(() => grace.resolve(), graceMs);
    await Promise.all([...this.#pools.values()].map((pool) => pool.close(grace.promise)));
    await Promise.all(this.#leaving);
    clearTimeout(timer);
  }

  #open(config: FunctionConfig): void {
    this.#pools.set(config.name, new FunctionPool(config, this.#options));
  }

  #pool(reference: string): FunctionPool {
    const { name, qualifier } = parseReference(reference);
    const pool = this.#pools.get(name);
    const known =
      qualifier === undefined ||
      qualifier === "$LATEST" ||
      this.#qualifiers.get(`${name}:${qualifier}`) !== undefined;
    if (pool && known) return pool;
    const arn = this.arnOf(qualifier === undefined ? name : `${name}:${qualifier}`);
    throw new AwsError("ResourceNotFoundException", `Function not found: ${arn}`, 404);
  }

  #throttle(pool: FunctionPool): void {
    const reserved = pool.config.reservedConcurrency;
    if (reserved !== undefined && pool.concurrency >= reserved) {
      throw tooManyRequests("ReservedFunctionConcurrentInvocationLimitExceeded");
    }
    const inAccount = [...this.#pools.values()].reduce((sum, it) => sum + it.concurrency, 0);
    if (inAccount >= ACCOUNT_CONCURRENCY) {
      throw tooManyRequests("ConcurrentInvocationLimitExceeded");
    }
  }
}

/** `name`, `name:qualifier`, `account:function:name`, or an ARN of either. */
export function parseReference(reference: string): { name: string; qualifier?: string } {
  const parts =
    /^(?:arn:[\w-]+:lambda:[\w-]+:)?(?:\d{12}:)?(?:function:)?([\w-]{1,140})(?::([\w$-]{1,128}))?$/.exec(
      reference,
    );
  const [, name = reference, qualifier] = parts ?? [];
  return qualifier === undefined ? { name } : { name, qualifier };
}

const tooManyRequests = (reason: string) =>
  new AwsError("TooManyRequestsException", "Rate Exceeded.", 429, { Reason: reason });

const stopping = () => new AwsError("ServiceException", "The cloud is stopping.", 503);
