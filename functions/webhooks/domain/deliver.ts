import { type WebhookMessage, webhookTestType } from "@sluice/contracts";
import type { Log } from "../../platform/logging.ts";
import {
  type Answer,
  type Attempt,
  type DeliveryStore,
  type Receiver,
  ReceiverError,
  type Verdict,
  type WebhookKeyring,
  type WebhookQueue,
} from "../ports.ts";
import { dueAfter } from "./hand-over.ts";
import { retryAfterSeconds, retryDelay } from "./retry.ts";
import { signedHeaders, signingSecret } from "./signing.ts";

export interface DeliverPorts {
  readonly store: DeliveryStore;
  readonly receiver: Receiver;
  readonly keyring: WebhookKeyring;
  /** Where a message goes whose event could not be delivered. */
  readonly deadLetters: WebhookQueue;
  readonly now: () => Date;
  /** In [0, 1). */
  readonly random: () => number;
}

/** Longer than one attempt with its books, which is as long as a function may run. */
const leaseMs = 30_000;
/** A receiver that hangs takes this many places among all that are sent at once, and no more. */
const attemptsPerWebhook = 5;

/** What becomes of the message: undefined when it has done its duty. */
export type NextTurn =
  | { readonly reason: string /** Absent: in a while. */; readonly afterSeconds?: number }
  | undefined;

/**
 * One message: one attempt at most. The state of its delivery decides, so that it may come twice,
 * late, or after a worker died in the middle of it.
 */
export const deliver =
  (ports: DeliverPorts) =>
  async (message: WebhookMessage, log: Log, signal: AbortSignal): Promise<NextTurn> => {
    const { store, deadLetters, now } = ports;
    const begun = now();
    const leasedUntil = new Date(begun.getTime() + leaseMs);
    const claim = await store.begin(message, begun, leasedUntil, attemptsPerWebhook);
    switch (claim.state) {
      case "claimed":
        return tryOnce(ports, message, claim.attempt, log, signal);
      case "waiting":
        return {
          reason: "It is not its time yet",
          afterSeconds: Math.max(1, Math.ceil((claim.until.getTime() - begun.getTime()) / 1000)),
        };
      case "busy":
        return { reason: "The webhook has enough to answer" };
      case "given-up":
        // Recorded, and then killed before the message was set aside.
        await deadLetters.send([message]);
        return undefined;
      case "done":
        return undefined;
    }
  };

const tryOnce = async (
  ports: DeliverPorts,
  message: WebhookMessage,
  attempt: Attempt,
  log: Log,
  signal: AbortSignal,
): Promise<NextTurn> => {
  const { store, deadLetters, now, random } = ports;
  const at = now();
  const outcome = await answerOf(ports, attempt, at, signal);
  const ended = now();
  const verdict = verdictOn(attempt, outcome, ended, random());
  await store.end(
    attempt,
    {
      at,
      durationMs: ended.getTime() - at.getTime(),
      status: "status" in outcome ? outcome.status : undefined,
      error: "error" in outcome ? outcome.error : undefined,
    },
    verdict,
  );
  log.info("Attempted", {
    webhook_id: attempt.webhookId,
    event_id: attempt.eventId,
    attempt: attempt.number,
    status: "status" in outcome ? outcome.status : undefined,
    state: verdict.state,
  });
  if (verdict.state === "pending") {
    const afterSeconds = Math.ceil((verdict.due.at.getTime() - ended.getTime()) / 1000);
    return { reason: "The receiver did not take it", afterSeconds };
  }
  if (verdict.state === "given-up") await deadLetters.send([message]);
  return undefined;
};

/** @throws Error when it is our fault that there is no answer: another attempt may do better */
const answerOf = async (
  { receiver, keyring }: DeliverPorts,
  attempt: Attempt,
  now: Date,
  signal: AbortSignal,
): Promise<Answer | { readonly error: string }> => {
  const keys = await keyring.read();
  const { eventId, body, url } = attempt;
  const secrets = attempt.secrets.map((secret) => signingSecret(keys, secret));
  try {
    return await receiver.post(url, body, signedHeaders(secrets, { eventId, body, now }), signal);
  } catch (error) {
    if (error instanceof ReceiverError) return { error: error.message };
    throw error;
  }
};

/** Standard Webhooks 1.0.0, "Delivery success and failure". */
const verdictOn = (
  attempt: Attempt,
  outcome: Answer | { readonly error: string },
  now: Date,
  random: number,
): Verdict => {
  const answer = "status" in outcome ? outcome : undefined;
  if (answer && answer.status >= 200 && answer.status < 300) return { state: "succeeded" };
  if (answer?.status === 410) return { state: "failed", disables: true };
  // Somebody looks at its answer now, and asks again when it is mended.
  if (attempt.type === webhookTestType) return { state: "failed", disables: false };
  const delay = retryDelay(attempt.failures + 1, random);
  if (delay === undefined) return { state: "given-up" };
  const asked = retryAfterSeconds(answer?.retryAfter, now) ?? 0;
  return { state: "pending", due: dueAfter(now, Math.max(delay, asked)) };
};
