import type { Log } from "../../platform/logging.ts";
import type { Announce, DeliveryId, Due, Outbox, WaitingDelivery, WebhookQueue } from "../ports.ts";

const minuteMs = 60_000;
/** Whoever recorded a delivery sends its message at once, or was killed. */
const handedOverWithinMs = minuteMs;
/** Longer than a queue of ours should be. A message that comes after its successor is let go. */
const overdueMs = 60 * minuteMs;
/** What was sent, and what could not be, can be looked up for this long. */
const keptMs = 30 * 24 * 60 * minuteMs;
const deliveriesPerSweep = 500;

/** Of a delivery that is recorded now and sent at once. */
export const dueNow = (now: Date): Due => ({
  at: now,
  sweepAt: new Date(now.getTime() + handedOverWithinMs),
});

/** Of a delivery that comes by itself after `delaySeconds`. */
export const dueAfter = (now: Date, delaySeconds: number): Due => {
  const at = new Date(now.getTime() + delaySeconds * 1000);
  return { at, sweepAt: new Date(at.getTime() + overdueMs) };
};

export interface HandOverPorts {
  readonly outbox: Outbox;
  readonly queue: WebhookQueue;
  readonly now: () => Date;
}

/** Sends the messages of deliveries. Killed half way, the rest is found by the next sweep. */
const handOver = async (
  { outbox, queue, now }: HandOverPorts,
  waiting: readonly WaitingDelivery[],
): Promise<void> => {
  if (waiting.length === 0) return;
  await queue.send(waiting.map((delivery) => ({ version: 1, ...delivery })));
  await outbox.handedOver(waiting, new Date(now().getTime() + overdueMs));
};

/** Sends what is recorded of one video. */
export const announceVideo =
  (ports: HandOverPorts, log: Log): Announce =>
  async (videoId) => {
    try {
      await handOver(ports, await ports.outbox.takeOfVideo(videoId));
    } catch (error) {
      log.warn("Webhooks wait for the next sweep", {
        video_id: videoId,
        reason: error instanceof Error ? error.name : String(error),
      });
    }
  };

/** Sends one delivery, if its message is still to be sent. */
export const handOverDelivery = async (ports: HandOverPorts, id: DeliveryId): Promise<void> =>
  handOver(ports, await ports.outbox.takeDelivery(id));

/**
 * Finds what others forgot: deliveries whose message was never sent, because somebody was killed
 * between a change and its announcement, and those whose message is overdue. Then it forgets what
 * is old. Any number of times, and beside others of its kind.
 *
 * @returns how many deliveries were sent, and how many events forgotten
 */
export const sweepWebhooks = async (
  ports: HandOverPorts,
): Promise<{ readonly sent: number; readonly forgotten: number }> => {
  const waiting = await ports.outbox.takeOverdue(ports.now(), deliveriesPerSweep);
  await handOver(ports, waiting);
  const forgotten = await ports.outbox.forget(
    new Date(ports.now().getTime() - keptMs),
    deliveriesPerSweep,
  );
  return { sent: waiting.length, forgotten };
};
