import { randomUUID } from "node:crypto";
import type { CloudContext } from "../context.ts";
import type { Rule } from "./rule.ts";
import type { Rules } from "./rules.ts";
import { nextTime } from "./schedule/expression.ts";
import type { EventsStore } from "./store.ts";

/** Timers of Node.js end at 24 days, and a machine that slept is noticed this soon. */
const LONGEST_WAIT_MS = 60_000;

export interface Scheduler {
  start(): void;
  /** Plans every rule anew: the clock was set. */
  rearm(): void;
  stop(): void;
}

/**
 * Runs rules at their times, by the cloud's clock. A run is on disk, for each target, before anything is
 * sent. Times that passed while the cloud was not there are not made up for, as on AWS.
 *
 * @param flush called when there is something to send
 */
export function createScheduler(
  context: CloudContext,
  store: EventsStore,
  rules: Rules,
  flush: () => void,
): Scheduler {
  const { clock, log } = context;
  /** When each rule runs next; undefined for never. */
  const next = new Map<string, { rule: Rule; at: number | undefined }>();
  let timer: { cancel(): void } | undefined;
  let running = false;

  function nextOf(rule: Rule): number | undefined {
    const known = next.get(rule.arn);
    const goesOn =
      known?.rule.since === rule.since && known.rule.scheduleExpression === rule.scheduleExpression;
    return goesOn ? known.at : plan(rule);
  }

  function plan(rule: Rule): number | undefined {
    const now = clock.now();
    // A rule made before the clock was set back may seem to begin later.
    const at = nextTime(rule.schedule, Math.min(rule.since, now), now);
    next.set(rule.arn, { rule, at });
    return at;
  }

  function run(rule: Rule, at: number): void {
    const event = JSON.stringify(scheduledEvent(context, rule, at));
    context.transaction(() => {
      for (const target of rule.targets) {
        store.addDelivery(rule.arn, target, target.Input ?? event, clock.now());
      }
    });
    log("debug", "ran a scheduled rule", { rule: rule.name, targets: rule.targets.length });
  }

  function turn(): void {
    if (!running) return;
    timer?.cancel();
    let earliest = Number.POSITIVE_INFINITY;
    let ran = false;
    for (const rule of rules.all()) {
      if (!rule.enabled) continue;
      let at = nextOf(rule);
      if (at !== undefined && at <= clock.now()) {
        run(rule, at);
        ran = true;
        at = plan(rule);
      }
      earliest = Math.min(earliest, at ?? earliest);
    }
    if (Number.isFinite(earliest)) {
      timer = clock.schedule(Math.min(LONGEST_WAIT_MS, earliest - clock.now()), guardedTurn);
    }
    if (ran) flush();
  }

  function guardedTurn(): void {
    try {
      turn();
    } catch (error) {
      // A full disk, for example: the run that could not be kept is tried again.
      log("error", "A scheduled rule could not run", { error: String(error) });
      timer = clock.schedule(LONGEST_WAIT_MS, guardedTurn);
      // Others may have run before it.
      flush();
    }
  }

  return {
    start() {
      running = true;
      next.clear();
      rules.onChange = guardedTurn;
      guardedTurn();
    },
    rearm() {
      next.clear();
      guardedTurn();
    },
    stop() {
      running = false;
      timer?.cancel();
    },
  };
}

/** https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-run-lambda-schedule.html */
function scheduledEvent({ accountId, region }: CloudContext, rule: Rule, at: number) {
  return {
    version: "0",
    id: randomUUID(),
    "detail-type": "Scheduled Event",
    source: "aws.events",
    account: accountId,
    time: new Date(at).toISOString().replace(/\.\d{3}Z$/, "Z"),
    region,
    resources: [rule.arn],
    detail: {},
  };
}
