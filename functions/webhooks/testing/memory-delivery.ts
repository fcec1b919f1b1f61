import { randomUUID } from "node:crypto";
import { type WebhookEventType, type WebhookMessage, webhookEventTypes } from "@sluice/contracts";
import type { Log } from "../../platform/logging.ts";
import { httpReceiver } from "../adapters/http-receiver.ts";
import { deliver } from "../domain/deliver.ts";
import { announceVideo, type HandOverPorts, sweepWebhooks } from "../domain/hand-over.ts";
import { createWebhook } from "../domain/manage-webhooks.ts";
import { memoryWebhooks } from "./memory-webhooks.ts";

/** Called before each step that crosses a border; what it throws kills whoever takes the step. */
export type Fault = (step: string) => void;

const silentLog: Log = { info: () => {}, warn: () => {} };
const busyDelaySeconds = 5;

export interface MemoryDeliveryOptions {
  readonly now: () => Date;
  readonly timeoutMs?: number;
  readonly fault?: Fault;
  /** Deliveries of each message, as a queue makes them that delivers at least once. */
  readonly copies?: number;
}

/** Webhooks in one process: tables and queue in memory, and requests that are real. */
export const memoryDelivery = ({ now, ...options }: MemoryDeliveryOptions) => {
  const fault = options.fault ?? (() => {});
  const { store, outbox, deliveries, change } = memoryWebhooks(now);
  const owner = "owner-1";
  const queued: { readonly message: WebhookMessage; visibleAt: Date }[] = [];
  const deadLetters: WebhookMessage[] = [];
  const keyring = { read: async () => new Map([[1, new Uint8Array(32).fill(7)]]) };
  const handOver: HandOverPorts = {
    now,
    outbox: {
      ...outbox,
      takeOfVideo: async (videoId) => {
        fault("take");
        return outbox.takeOfVideo(videoId);
      },
      handedOver: async (...handed) => {
        fault("hand over");
        await outbox.handedOver(...handed);
      },
    },
    queue: {
      send: async (messages) => {
        fault("send");
        for (const message of messages)
          for (let copy = 0; copy < (options.copies ?? 1); copy += 1)
            queued.push({ message, visibleAt: now() });
      },
    },
  };
  const receiver = httpReceiver({ policy: "local", timeoutMs: options.timeoutMs ?? 5_000 });
  const attempt = deliver({
    store: {
      begin: async (...begun) => {
        fault("begin");
        return deliveries.begin(...begun);
      },
      end: async (...ended) => {
        fault("end");
        await deliveries.end(...ended);
        fault("ended");
      },
    },
    receiver: {
      post: async (...request) => {
        fault("post");
        return receiver.post(...request);
      },
    },
    keyring,
    deadLetters: {
      send: async (messages) => {
        fault("set aside");
        deadLetters.push(...messages);
      },
    },
    now,
    random: () => 0.5,
  });
  const announce = announceVideo(handOver, silentLog);
  const signal = new AbortController().signal;

  /** One delivery of a message; one that fails or waits comes again. */
  const turn = async (entry: (typeof queued)[number]): Promise<void> => {
    let afterSeconds: number;
    try {
      const next = await attempt(entry.message, silentLog, signal);
      if (!next) return;
      afterSeconds = next.afterSeconds ?? busyDelaySeconds;
    } catch {
      afterSeconds = busyDelaySeconds;
    }
    queued.push({ ...entry, visibleAt: new Date(now().getTime() + afterSeconds * 1000) });
  };

  return {
    ...{ store, handOver, owner, queued, deadLetters },
    sweep: () => sweepWebhooks(handOver),
    /** Answers the webhook's id and its secret. */
    subscribe: async (url: string, events: readonly WebhookEventType[] = webhookEventTypes) => {
      const { webhook } = await createWebhook(
        { store, keyring },
        {
          ...{ owner, idempotencyKey: randomUUID(), policy: "local", newId: randomUUID },
          request: { url, events: [...events] },
        },
      );
      return webhook;
    },
    /** A video changes, and whoever changed it tells of that. */
    happen: async (type: WebhookEventType, videoId: string = randomUUID()): Promise<string> => {
      change(owner, type, videoId);
      await announce(videoId);
      return videoId;
    },
    /** Delivers everything that is visible now, at once. Answers when the next message will be. */
    deliverVisible: async (): Promise<Date | undefined> => {
      const visible = queued.filter(({ visibleAt }) => visibleAt <= now());
      for (const entry of visible) queued.splice(queued.indexOf(entry), 1);
      await Promise.all(visible.map(turn));
      return queued.map(({ visibleAt }) => visibleAt).sort((a, b) => +a - +b)[0];
    },
  };
};
