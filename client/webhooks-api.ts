import {
  type CreateWebhookRequest,
  type CreateWebhookResponse,
  createWebhookResponseSchema,
  type Delivery,
  listDeliveriesResponseSchema,
  listWebhooksResponseSchema,
  type ReplaceSecretResponse,
  replaceSecretResponseSchema,
  type SendEventResponse,
  sendEventResponseSchema,
  type Webhook,
} from "@sluice/contracts";
import type { ApiCaller, CallOptions } from "./api-caller.ts";

/** The part of the API by which others are told of events. Errors as those of `SluiceApi`. */
export class WebhooksApi {
  readonly #caller: ApiCaller;

  constructor(caller: ApiCaller) {
    this.#caller = caller;
  }

  /** The answer holds the signing secret, which is not shown again. */
  create(
    request: CreateWebhookRequest,
    idempotencyKey: string,
    options?: CallOptions,
  ): Promise<CreateWebhookResponse> {
    return this.#caller.call(
      {
        method: "POST",
        path: "/webhooks",
        body: request,
        headers: { "idempotency-key": idempotencyKey },
        answer: createWebhookResponseSchema,
      },
      options,
    );
  }

  /** Oldest first. */
  async list(options?: CallOptions): Promise<Webhook[]> {
    const { webhooks } = await this.#caller.call(
      { method: "GET", path: "/webhooks", answer: listWebhooksResponseSchema },
      options,
    );
    return webhooks;
  }

  async delete(webhookId: string, options?: CallOptions): Promise<void> {
    await this.#caller.call(
      { method: "DELETE", path: pathOf(webhookId), answer: undefined },
      options,
    );
  }

  /** The latest events with their attempts. */
  async deliveries(
    webhookId: string,
    query: { readonly limit?: number } = {},
    options?: CallOptions,
  ): Promise<Delivery[]> {
    const suffix = query.limit === undefined ? "" : `?limit=${query.limit}`;
    const { deliveries } = await this.#caller.call(
      {
        method: "GET",
        path: `${pathOf(webhookId)}/deliveries${suffix}`,
        answer: listDeliveriesResponseSchema,
      },
      options,
    );
    return deliveries;
  }

  /** Sends an event that says no more than that it was asked for; it is tried once. */
  test(webhookId: string, options?: CallOptions): Promise<SendEventResponse> {
    return this.#caller.call(
      { method: "POST", path: `${pathOf(webhookId)}/test`, answer: sendEventResponseSchema },
      options,
    );
  }

  /** Sends an event once more, now. */
  sendAgain(webhookId: string, eventId: string, options?: CallOptions): Promise<SendEventResponse> {
    return this.#caller.call(
      {
        method: "POST",
        path: `${pathOf(webhookId)}/deliveries/${encodeURIComponent(eventId)}`,
        answer: sendEventResponseSchema,
      },
      options,
    );
  }

  /** @param replaces `secretVersion` of the secret that goes; both are good for a day */
  replaceSecret(
    webhookId: string,
    replaces: number,
    options?: CallOptions,
  ): Promise<ReplaceSecretResponse> {
    return this.#caller.call(
      {
        method: "POST",
        path: `${pathOf(webhookId)}/secret`,
        body: { replaces },
        answer: replaceSecretResponseSchema,
      },
      options,
    );
  }
}

const pathOf = (webhookId: string) => `/webhooks/${encodeURIComponent(webhookId)}`;
