import type { CloudContext } from "../context.ts";
import type { AwsService } from "../service.ts";
import { eventsActions } from "./actions.ts";
import { createEventDeliveries, type EventTargets } from "./deliveries.ts";
import { handleEvents } from "./http-api.ts";
import { ruleProvider } from "./resources.ts";
import { Rules } from "./rules.ts";
import { createScheduler } from "./scheduler.ts";
import { openEventsStore } from "./store.ts";

/** Rules of Amazon EventBridge that run by a schedule, their state in the tables `events_*`. */
export function createEventsService(context: CloudContext, targets: EventTargets): AwsService {
  const store = openEventsStore(context.database);
  const rules = new Rules(context, store);
  const deliveries = createEventDeliveries(context, store, targets);
  const scheduler = createScheduler(context, store, rules, deliveries.flush);
  const actions = eventsActions(rules);

  return {
    signingName: "events",
    resourceProviders: [ruleProvider(rules)],
    timedRows: [{ table: "events_deliveries", columns: ["created_at", "due_at"] }],
    rearm() {
      deliveries.flush();
      scheduler.rearm();
    },
    handle: (exchange) => handleEvents(exchange, actions),
    async start() {
      deliveries.start();
      scheduler.start();
    },
    async stop() {
      scheduler.stop();
      await deliveries.stop();
    },
  };
}
