import * as edge from "./edge-promises.ts";
import * as queues from "./queue-promises.ts";
import * as resources from "./resource-promises.ts";
import * as rights from "./right-promises.ts";

/** What the app promises, whatever the target. */
export const promises = { ...queues, ...rights, ...resources, ...edge } as const;
