import { edgePromises } from "./edge-promises.ts";
import { queuePromises } from "./queue-promises.ts";
import { resourcePromises } from "./resource-promises.ts";
import { rightPromises } from "./right-promises.ts";
import { topicPromises } from "./topic-promises.ts";

/** What the app promises, whatever the target. */
export const promises = {
  ...queuePromises,
  ...topicPromises,
  ...rightPromises,
  ...resourcePromises,
  ...edgePromises,
} as const;
