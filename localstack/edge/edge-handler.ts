import type { IncomingMessage, ServerResponse } from "node:http";
import type { Clock, Log } from "@sluice/cloud";
import { AccessRefused } from "./access/signed-access.ts";
import { cacheKey, type Encoding, negotiateEncoding, selectQuery } from "./cache/cache-key.ts";
import type { EdgeCache, Lookup } from "./cache/edge-cache.ts";
import { compress } from "./compression.ts";
import {
  type Behavior,
  type DistributionConfig,
  type Origin,
  selectBehavior,
} from "./distribution.ts";
import {
  type OriginClient,
  type OriginResponse,
  OriginUnreachable,
} from "./origin/origin-client.ts";
import { type CachePolicy, selects } from "./policies/cache-policy.ts";
import type { Distribution, Registry } from "./registry.ts";
import { readViewer, type Viewer } from "./viewer-request.ts";
import { type Answer, writeAnswer, writeRefusal } from "./viewer-response.ts";

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

  constructor(parts: EdgeHandlerParts) {
    this.#parts = parts;
  }

  async handle(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const plan = this.#plan(incoming, response);
      if (plan) await this.#serve(incoming, response, plan);
    } catch (error) {
      this.#fail(response, error);
    }
  }

  #plan(incoming: IncomingMessage, response: ServerResponse): Plan | undefined {
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
    return { distribution, behavior, policy, origin, client, viewer };
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
          target: this.#target(plan),
          headers: { ...this.#forwarded(incoming, plan, encoding), ...conditions },
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
      if (lookup.response === undefined || incoming.headers.range !== undefined) {
        lookup.response?.body.destroy();
        return this.#passThrough(incoming, response, plan);
      }
      return this.#write(incoming, response, plan, passedOn(lookup.response));
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
    await this.#write(incoming, response, plan, answer);
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
      target: this.#target(plan),
      headers: {
        ...this.#forwarded(incoming, plan, undefined),
        ...pick(incoming, ["range", "if-none-match", "if-modified-since", "if-range"]),
        ...(hasBody ? pick(incoming, ["content-type", "content-length"]) : {}),
      },
      body: hasBody ? incoming : undefined,
      signal: gone.signal,
    });
    await this.#write(incoming, response, plan, passedOn(answer));
  }

  async #write(
    incoming: IncomingMessage,
    response: ServerResponse,
    plan: Plan,
    answer: Answer,
  ): Promise<void> {
    const policyId = plan.behavior.ResponseHeadersPolicyId;
    const policy =
      policyId === undefined
        ? undefined
        : this.#parts.registry.responseHeadersPolicies.get(policyId);
    await writeAnswer(incoming, response, answer, policy);
  }

  #target({ viewer, policy, behavior }: Plan): string {
    const requestPolicy = this.#requestPolicy(behavior);
    const inKey = policy.ParametersInCacheKeyAndForwardedToOrigin.QueryStringsConfig;
    const query = selectQuery(viewer.request.query, requestPolicy?.QueryStringsConfig ?? inKey);
    return query === "" ? viewer.request.path : `${viewer.request.path}?${query}`;
  }

  /** Headers that reach the origin: those of both policies, and what CloudFront adds. */
  #forwarded(incoming: IncomingMessage, plan: Plan, encoding: Encoding): Record<string, string> {
    const { viewer, policy, behavior } = plan;
    const parameters = policy.ParametersInCacheKeyAndForwardedToOrigin;
    const requestPolicy = this.#requestPolicy(behavior);
    const headers: Record<string, string> = {};
    for (const [name, value] of Object.entries(viewer.request.headers)) {
      if (value === undefined || neverForwarded.has(name)) continue;
      const inKey =
        parameters.HeadersConfig.Headers?.some((header) => header.toLowerCase() === name) ?? false;
      const asked =
        requestPolicy !== undefined &&
        selects(
          requestPolicy.HeadersConfig.HeaderBehavior,
          requestPolicy.HeadersConfig.Headers?.map((header) => header.toLowerCase()),
          name,
        );
      if (inKey || asked) headers[name] = value;
    }
    const cookies = [...viewer.request.cookies].filter(
      ([name]) =>
        selects(parameters.CookiesConfig.CookieBehavior, parameters.CookiesConfig.Cookies, name) ||
        (requestPolicy !== undefined &&
          selects(
            requestPolicy.CookiesConfig.CookieBehavior,
            requestPolicy.CookiesConfig.Cookies,
            name,
          )),
    );
    if (cookies.length > 0)
      headers.cookie = cookies.map(([name, value]) => `${name}=${value}`).join("; ");
    if (encoding !== undefined) headers["accept-encoding"] = encoding;
    const earlier = incoming.headers["x-forwarded-for"];
    headers["x-forwarded-for"] =
      earlier === undefined ? viewer.sourceIp : `${earlier}, ${viewer.sourceIp}`;
    // CloudFront adds it when a policy asks for it; here always, since cookies depend on it.
    headers["cloudfront-forwarded-proto"] = "http";
    headers.via = "1.1 edge.cloudfront.net (CloudFront)";
    headers["user-agent"] ??= "Amazon CloudFront";
    return headers;
  }

  #requestPolicy(behavior: Behavior) {
    const id = behavior.OriginRequestPolicyId;
    return id === undefined ? undefined : this.#parts.registry.originRequestPolicies.get(id);
  }

  #fail(response: ServerResponse, error: unknown): void {
    if (response.headersSent || response.destroyed) {
      response.destroy();
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
    this.#parts.log("error", "The edge failed", {
      error: error instanceof Error ? (error.stack ?? error.message) : String(error),
    });
    writeRefusal(response, 500, "InternalError", "The edge failed.");
  }
}

/** Set by this edge, or meaningful only between two neighbours (RFC 9110 section 7.6.1). */
const neverForwarded = new Set([
  "host",
  "cookie",
  "connection",
  "keep-alive",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
  "expect",
  "content-length",
  "range",
  "if-none-match",
  "if-modified-since",
  "if-range",
  "accept-encoding",
  "x-forwarded-for",
  "via",
]);

function pick(incoming: IncomingMessage, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = incoming.headers[name];
      return typeof value === "string" ? [[name, value]] : [];
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
