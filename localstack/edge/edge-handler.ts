import type { IncomingMessage, ServerResponse } from "node:http";
import type { Clock, Log } from "@sluice/cloud";
import { AccessRefused } from "./access/signed-access.ts";
import { cacheKey, type Encoding, negotiateEncoding } from "./cache/cache-key.ts";
import type { EdgeCache, Lookup } from "./cache/edge-cache.ts";
import { compress } from "./compression.ts";
import {
  type Behavior,
  type DistributionConfig,
  type Origin,
  selectBehavior,
} from "./distribution.ts";
import { FunctionExecutionError, FunctionValidationError } from "./functions/function-errors.ts";
import { ViewerFunctions } from "./functions/viewer-functions.ts";
import {
  type ForwardingPolicies,
  forwardedHeaders,
  forwardedTarget,
} from "./origin/forwarded-request.ts";
import {
  type OriginClient,
  type OriginResponse,
  OriginUnreachable,
} from "./origin/origin-client.ts";
import type { CachePolicy } from "./policies/cache-policy.ts";
import type { ResponseHeadersPolicy } from "./policies/response-headers-policy.ts";
import type { Distribution, Registry } from "./registry.ts";
import { BadRequest, readViewer, type Viewer } from "./viewer-request.ts";
import {
  type Answer,
  type Asked,
  writeAnswer,
  writeGenerated,
  writeRefusal,
} from "./viewer-response.ts";

export interface EdgeHandlerParts {
  readonly registry: Registry;
  readonly cache: EdgeCache;
  readonly clock: Clock;
  readonly log: Log;
  /** Undefined until the edge was told where its origins are. */
  readonly origins: () => OriginClient | undefined;
}

interface Plan {
  readonly distribution: Distribution;
  readonly behavior: Behavior;
  readonly policy: CachePolicy;
  readonly origin: Origin;
  readonly client: OriginClient;
  readonly viewer: Viewer;
}

/** One request of a viewer, from the behavior it falls under to the answer it gets. */
export class EdgeHandler {
  readonly #parts: EdgeHandlerParts;
  readonly #functions: ViewerFunctions;

  constructor(parts: EdgeHandlerParts) {
    this.#parts = parts;
    this.#functions = new ViewerFunctions(parts.registry);
  }

  async handle(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const plan = await this.#plan(incoming, response);
      if (plan) await this.#serve(incoming, response, plan);
    } catch (error) {
      this.#fail(response, error);
    }
  }

  async #plan(incoming: IncomingMessage, response: ServerResponse): Promise<Plan | undefined> {
    const { registry, clock, origins } = this.#parts;
    const { distribution } = registry;
    const client = origins();
    if (!distribution || !client) {
      response.setHeader("retry-after", "1");
      writeRefusal(response, 503, "NotDeployed", "The distribution is not deployed yet.");
      return undefined;
    }
    const { config } = distribution;
    const viewer = readViewer(incoming, config.DefaultRootObject);
    const behavior = selectBehavior(config, viewer.request.path);
    const allowed: readonly string[] = behavior.AllowedMethods ?? ["GET", "HEAD"];
    if (!allowed.includes(incoming.method ?? "")) {
      writeRefusal(
        response,
        403,
        "MethodNotAllowed",
        "This distribution is not configured to allow the HTTP request method that was used for this request.",
      );
      return undefined;
    }
    if (behavior.TrustedKeyGroups?.length) {
      registry.access.check(
        viewer.claim,
        { url: viewer.url, sourceIp: viewer.sourceIp, nowMs: clock.now() },
        registry.trustedKeyIds(behavior.TrustedKeyGroups),
      );
    }
    const policy = registry.cachePolicies.get(behavior.CachePolicyId);
    const origin = config.Origins.find(({ Id }) => Id === behavior.TargetOriginId);
    if (!policy || !origin)
      throw new Error(`Behavior without policy or origin: ${behavior.TargetOriginId}`);
    const next = this.#functions.onRequest(distribution, behavior, viewer);
    if ("status" in next) {
      const headersPolicy = this.#responseHeadersPolicy(behavior);
      await writeGenerated(askedBy(viewer), response, next, headersPolicy);
      return undefined;
    }
    return { distribution, behavior, policy, origin, client, viewer: next };
  }

  async #serve(incoming: IncomingMessage, response: ServerResponse, plan: Plan): Promise<void> {
    const { policy, viewer, behavior } = plan;
    const reads = incoming.method === "GET" || incoming.method === "HEAD";
    if (!reads || policy.MaxTTL === 0) return this.#passThrough(incoming, response, plan);

    const encoding = behavior.Compress
      ? negotiateEncoding(policy, viewer.request.headers["accept-encoding"])
      : undefined;
    const key = cacheKey(plan.distribution.id, viewer.request, policy, encoding);
    if (incoming.method === "HEAD" && !this.#parts.cache.peek(key)) {
      return this.#passThrough(incoming, response, plan);
    }
    const lookup = await this.#parts.cache.get(
      key,
      {
        bounds: { min: policy.MinTTL, default: policy.DefaultTTL, max: policy.MaxTTL },
        errorMinTtl: (status) => errorMinTtl(plan.distribution.config, status),
        encode: (answer) => compress(answer, encoding),
      },
      (conditions) =>
        // Collapsed viewers share this request: it must not die with the one who began it.
        plan.client.send(plan.origin, {
          method: "GET",
          target: forwardedTarget(plan.viewer.request, this.#forwarding(plan)),
          headers: { ...this.#forwarded(plan, encoding), ...conditions },
        }),
    );
    await this.#respond(incoming, response, plan, lookup);
  }

  async #respond(
    incoming: IncomingMessage,
    response: ServerResponse,
    plan: Plan,
    lookup: Lookup,
  ): Promise<void> {
    if (lookup.kind === "unshared") {
      if (lookup.response === undefined || plan.viewer.request.headers.range !== undefined) {
        lookup.response?.body.destroy();
        return this.#passThrough(incoming, response, plan);
      }
      return this.#write(response, plan, passedOn(lookup.response));
    }
    const answer: Answer =
      lookup.kind === "stored"
        ? {
            status: lookup.entry.status,
            headers: lookup.entry.headers,
            size: lookup.entry.body.length,
            read: (start, end) => lookup.entry.body.subarray(start, end + 1),
            result: lookup.result,
            age: lookup.entry.initialAge + (this.#parts.clock.now() - lookup.entry.storedAt) / 1000,
          }
        : {
            ...lookup.fill.head,
            read: (start, end) => lookup.fill.read(start, end),
            result: lookup.result,
            age: undefined,
          };
    await this.#write(response, plan, answer);
  }

  async #passThrough(
    incoming: IncomingMessage,
    response: ServerResponse,
    plan: Plan,
  ): Promise<void> {
    const gone = new AbortController();
    response.once("close", () => gone.abort());
    const hasBody =
      incoming.headers["content-length"] !== undefined ||
      incoming.headers["transfer-encoding"] !== undefined;
    const answer = await plan.client.send(plan.origin, {
      method: incoming.method ?? "GET",
      target: forwardedTarget(plan.viewer.request, this.#forwarding(plan)),
      headers: {
        ...this.#forwarded(plan, undefined),
        ...pick(plan.viewer, ["range", "if-none-match", "if-modified-since", "if-range"]),
        ...(hasBody ? pick(plan.viewer, ["content-type", "content-length"]) : {}),
      },
      body: hasBody ? incoming : undefined,
      signal: gone.signal,
    });
    await this.#write(response, plan, passedOn(answer));
  }

  #write(response: ServerResponse, plan: Plan, answer: Answer): Promise<void> {
    const { distribution, behavior, viewer } = plan;
    return writeAnswer(askedBy(viewer), response, answer, {
      policy: this.#responseHeadersPolicy(behavior),
      revise: this.#functions.onResponse(distribution, behavior, viewer),
    });
  }

  #forwarded(plan: Plan, encoding: Encoding): Record<string, string> {
    const { viewer } = plan;
    return forwardedHeaders(viewer.request, viewer.sourceIp, this.#forwarding(plan), encoding);
  }

  #forwarding({ policy, behavior }: Plan): ForwardingPolicies {
    const id = behavior.OriginRequestPolicyId;
    return {
      cache: policy,
      originRequest:
        id === undefined ? undefined : this.#parts.registry.originRequestPolicies.get(id),
    };
  }

  #responseHeadersPolicy(behavior: Behavior): ResponseHeadersPolicy | undefined {
    const id = behavior.ResponseHeadersPolicyId;
    return id === undefined ? undefined : this.#parts.registry.responseHeadersPolicies.get(id);
  }

  #fail(response: ServerResponse, error: unknown): void {
    if (response.headersSent || response.destroyed) {
      response.destroy();
      return;
    }
    if (error instanceof BadRequest) {
      writeRefusal(response, 400, "BadRequest", error.message);
      return;
    }
    if (error instanceof AccessRefused) {
      writeRefusal(response, 403, error.code, error.message);
      return;
    }
    if (error instanceof OriginUnreachable) {
      this.#parts.log("warn", error.message, { cause: String(error.cause) });
      writeRefusal(response, error.status, "OriginUnreachable", error.message);
      return;
    }
    if (error instanceof FunctionExecutionError) {
      this.#parts.log("error", error.message);
      const code = "FunctionExecutionError";
      writeRefusal(response, 503, code, "The function of this address failed.", code);
      return;
    }
    if (error instanceof FunctionValidationError) {
      this.#parts.log("error", error.message);
      writeRefusal(response, 502, "FunctionValidationError", "The function's answer is not valid.");
      return;
    }
    this.#parts.log("error", "The edge failed", {
      error: error instanceof Error ? (error.stack ?? error.message) : String(error),
    });
    writeRefusal(response, 500, "InternalError", "The edge failed.");
  }
}

const askedBy = ({ method, request }: Viewer): Asked => ({ method, headers: request.headers });

function pick({ request }: Viewer, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = request.headers[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
}

function passedOn(origin: OriginResponse): Answer {
  return {
    status: origin.status,
    headers: origin.headers,
    size: undefined,
    read: () => origin.body,
    result: origin.status >= 400 ? "Error" : "Miss",
    age: undefined,
  };
}

function errorMinTtl(config: DistributionConfig, status: number): number | undefined {
  return config.CustomErrorResponses?.find(({ ErrorCode }) => ErrorCode === status)
    ?.ErrorCachingMinTTL;
}
