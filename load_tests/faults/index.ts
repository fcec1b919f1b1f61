import type { Fault } from "./fault.ts";
import { restartFault } from "./restart/restart-fault.ts";

export const faults: Readonly<Record<string, Fault>> = {
  restart: restartFault,
};
