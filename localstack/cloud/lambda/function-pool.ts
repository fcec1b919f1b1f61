import { randomUUID } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import type { CloudContext, Credentials } from "../context.ts";
import { ExecutionEnvironment, type Outcome } from "./execution-environment.ts";
import type { FunctionConfig } from "./function-config.ts";
import { FunctionLog } from "./function-log.ts";
import { Slots } from "./slots.ts";

export interface PoolOptions {
  readonly context: CloudContext;
  readonly credentialsFor: (roleArn: string) => Credentials;
  /** Environments of this function that the host runs at once; work above it waits. */
  readonly hostConcurrency: (memoryMb: number) => number;
  /** A warm environment without work ends after this long. */
  readonly idleMs: number;
}

export interface CompletedInvocation extends Outcome {
  readonly requestId: string;
}

/** The right to run one invocation; to be used or cancelled. */
export interface Reservation {
  run(
    payload: Uint8Array,
    options?: { requestId?: string; clientContext?: string | undefined },
  ): Promise<CompletedInvocation>;
  cancel(): void;
}

/** All environments of one function: warm ones are used again, last one first. */
export class FunctionPool {
  readonly #options: PoolOptions;
  readonly #log: FunctionLog;
  readonly #slots: Slots;
  readonly #idle: { environment: ExecutionEnvironment; expiry: { cancel(): void } }[] = [];
  readonly #all = new Map<ExecutionEnvironment, { busy: boolean; gone: Promise<void> }>();
  #config: FunctionConfig;
  #closed = false;

  constructor(config: FunctionConfig, options: PoolOptions) {
    this.#config = config;
    this.#options = options;
    this.#log = new FunctionLog(options.context, config.name);
    this.#slots = new Slots(() =>
      this.#closed
        ? 0
        : Math.min(
            this.#config.reservedConcurrency ?? Number.POSITIVE_INFINITY,
            options.hostConcurrency(this.#config.memoryMb),
          ),
    );
  }

  get config(): FunctionConfig {
    return this.#config;
  }

  /** Invocations that run or wait. */
  get concurrency(): number {
    return this.#slots.inUse + this.#slots.waiting;
  }

  /** Environments that are alive. */
  get environments(): number {
    return this.#all.size;
  }

  /** Environments of the configuration before end when they have nothing to do. */
  update(config: FunctionConfig): void {
    const same = sameEnvironment(this.#config, config);
    this.#config = config;
    if (!same) for (const { environment } of [...this.#idle]) this.#end(environment);
    this.#slots.limitChanged();
  }

  /** Waits for its turn; undefined when `signal` aborted first. */
  async reserve(signal?: AbortSignal): Promise<Reservation | undefined> {
    if (!(await this.#slots.take(signal))) return undefined;
    return {
      run: (payload, options = {}) => this.#run(payload, options),
      cancel: () => this.#slots.give(),
    };
  }

  /** Gives running invocations until `grace` resolves, then ends every environment. */
  async close(grace: Promise<unknown>): Promise<void> {
    this.#closed = true;
    for (const { environment } of [...this.#idle]) this.#end(environment);
    const all = () => Promise.all([...this.#all.values()].map(({ gone }) => gone));
    await Promise.race([grace, all()]);
    for (const environment of this.#all.keys()) environment.end();
    await all();
    this.#log.close();
  }

  async #run(
    payload: Uint8Array,
    {
      requestId = randomUUID(),
      clientContext,
    }: { requestId?: string; clientContext?: string | undefined },
  ): Promise<CompletedInvocation> {
    const environment = this.#warm() ?? this.#start();
    const outcome = await environment.run({
      requestId,
      functionArn: this.#config.arn,
      payload,
      clientContext,
    });
    return { ...outcome, requestId };
  }

  #warm(): ExecutionEnvironment | undefined {
    const found = this.#idle.pop();
    if (!found) return undefined;
    found.expiry.cancel();
    const member = this.#all.get(found.environment);
    if (member) member.busy = true;
    return found.environment;
  }

  #start(): ExecutionEnvironment {
    const { context, credentialsFor } = this.#options;
    const { promise, resolve } = Promise.withResolvers<void>();
    const environment = new ExecutionEnvironment({
      context,
      config: this.#config,
      credentials: credentialsFor(this.#config.role),
      log: this.#log.stream(),
      onIdle: () => {
        member.busy = false;
        if (this.#closed || !sameEnvironment(environment.config, this.#config)) environment.end();
        else this.#rest(environment);
        this.#slots.give();
      },
      onDead: () => this.#forgetIdle(environment),
      onGone: () => {
        this.#all.delete(environment);
        if (member.busy) this.#slots.give();
        resolve();
      },
    });
    const member = { busy: true, gone: promise };
    this.#all.set(environment, member);
    void environment.start();
    return environment;
  }

  #rest(environment: ExecutionEnvironment): void {
    const { context, idleMs } = this.#options;
    const expiry = context.clock.schedule(idleMs, () => this.#end(environment));
    this.#idle.push({ environment, expiry });
  }

  #end(environment: ExecutionEnvironment): void {
    this.#forgetIdle(environment);
    environment.end();
  }

  #forgetIdle(environment: ExecutionEnvironment): void {
    const index = this.#idle.findIndex((it) => it.environment === environment);
    if (index < 0) return;
    this.#idle[index]?.expiry.cancel();
    this.#idle.splice(index, 1);
  }
}

/** Whether an environment made for one configuration serves the other. */
function sameEnvironment(a: FunctionConfig, b: FunctionConfig): boolean {
  const essence = (config: FunctionConfig) => ({
    ...config,
    modifiedAt: 0,
    description: "",
    reservedConcurrency: 0,
    deadLetterArn: "",
  });
  return isDeepStrictEqual(essence(a), essence(b));
}
