import { randomUUID } from "node:crypto";
import { memoryWebhooks } from "./memory-webhooks.ts";
import { describeWebhooks } from "./webhooks-contract.ts";

describeWebhooks("memory", () => {
  const { change, ...stores } = memoryWebhooks();
  return {
    ...stores,
    addVideo: async () => randomUUID(),
    change: async (owner, type, videoId) => change(owner, type, videoId),
  };
});
