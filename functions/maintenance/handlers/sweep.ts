import type { Context } from "aws-lambda";
import { createLogger } from "../../platform/logging.ts";
import { sweepRulesFromEnvironment } from "../adapters/sweep-rules.ts";
import { sweep } from "../domain/sweep.ts";

/** Time kept back of the function's own, to end what it is at. */
const reserveMs = 15_000;
const logger = createLogger("sweep");
const run = sweep(sweepRulesFromEnvironment());

/** EventBridge schedule (infra/targets.ts, `sweepEvery`). */
export const handler = async (
  _event: unknown,
  context: Context,
): Promise<Readonly<Record<string, number>>> =>
  run(
    new Date(),
    logger,
    AbortSignal.timeout(Math.max(0, context.getRemainingTimeInMillis() - reserveMs)),
  );
