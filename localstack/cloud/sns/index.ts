import type { CloudContext } from "../context.ts";
import type { AwsService } from "../service.ts";
import type { DeliveryFaults } from "../sqs/index.ts";
import { snsActions } from "./actions.ts";
import { createDeliveries, type DeliveryTargets } from "./deliveries.ts";
import { handleSns } from "./http-api.ts";
import { SnsRegistry } from "./registry.ts";
import { subscriptionProvider, topicPolicyProvider, topicProvider } from "./resources.ts";
import { openSnsStore } from "./store.ts";

export interface SnsService extends AwsService {
  /** From now on messages are delivered twice and out of order; `undefined` ends it. */
  injectFaults(faults: DeliveryFaults | undefined): void;
}

/** Standard topics of Amazon SNS that deliver to queues and functions, their state in the tables `sns_*`. */
export function createSnsService(context: CloudContext, targets: DeliveryTargets): SnsService {
  const store = openSnsStore(context.database);
  const registry = new SnsRegistry(context, store);
  const deliveries = createDeliveries(context, store, registry, targets);
  const actions = snsActions({ context, store, registry, flush: deliveries.flush });

  return {
    signingName: "sns",
    resourceProviders: [
      topicProvider(registry),
      subscriptionProvider(registry),
      topicPolicyProvider(registry),
    ],
    timedRows: [{ table: "sns_deliveries", columns: ["due_at"] }],
    rearm: () => deliveries.flush(),
    handle: (exchange) => handleSns(exchange, actions),
    start: async () => deliveries.start(),
    stop: () => deliveries.stop(),
    injectFaults: deliveries.injectFaults,
  };
}
