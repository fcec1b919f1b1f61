import type { ActionName, Request } from "./requests.ts";
import { invalid, type Rule } from "./rule.ts";
import type { Rules } from "./rules.ts";

const PAGE_SIZE = 100;

/** One function per action: parsed request in, answer of the JSON protocol out. */
export function eventsActions(rules: Rules): {
  [Name in ActionName]: (input: Request<Name>) => object;
} {
  return {
    PutRule: ({ Name, Description, ScheduleExpression, State }) => ({
      RuleArn: rules.put({
        name: Name,
        description: Description,
        scheduleExpression: ScheduleExpression,
        enabled: State === "ENABLED",
      }).arn,
    }),
    DescribeRule: ({ Name }) => describe(rules.find(Name)),
    EnableRule({ Name }) {
      rules.enable(Name, true);
      return {};
    },
    DisableRule({ Name }) {
      rules.enable(Name, false);
      return {};
    },
    DeleteRule({ Name }) {
      const found = rules.all().find((rule) => rule.name === Name);
      if (found && found.targets.length > 0) {
        throw invalid("Rule can't be deleted since it has targets.");
      }
      rules.delete(Name);
      return {};
    },
    ListRules({ NamePrefix = "", NextToken, Limit }) {
      const found = rules.all().filter((rule) => rule.name.startsWith(NamePrefix));
      const { shown, next } = page(found, (rule) => rule.name, NextToken, Limit);
      return { Rules: shown.map(describe), ...next };
    },
    ListTargetsByRule({ Rule, NextToken, Limit }) {
      const { targets } = rules.find(Rule);
      const found = targets.toSorted((a, b) => (a.Id < b.Id ? -1 : 1));
      const { shown, next } = page(found, (target) => target.Id, NextToken, Limit);
      return { Targets: shown, ...next };
    },
    PutTargets({ Rule, Targets }) {
      rules.putTargets(Rule, Targets);
      return { FailedEntryCount: 0, FailedEntries: [] };
    },
    RemoveTargets({ Rule, Ids }) {
      const FailedEntries = rules.removeTargets(Rule, Ids).map((TargetId) => ({
        TargetId,
        ErrorCode: "ResourceNotFoundException",
        ErrorMessage: `Rule ${Rule} does not have the target ${TargetId}.`,
      }));
      return { FailedEntryCount: FailedEntries.length, FailedEntries };
    },
  };
}

function describe({ name, arn, description, scheduleExpression, enabled }: Rule) {
  return {
    Name: name,
    Arn: arn,
    ...(description !== "" && { Description: description }),
    ScheduleExpression: scheduleExpression,
    State: enabled ? "ENABLED" : "DISABLED",
    EventBusName: "default",
  };
}

/** Pages by name: `NextToken` is the last one that was shown. */
function page<T>(
  found: readonly T[],
  nameOf: (it: T) => string,
  token: string | undefined,
  limit = PAGE_SIZE,
) {
  const after = token === undefined ? "" : Buffer.from(token, "base64url").toString();
  const left = found.filter((it) => nameOf(it) > after);
  const shown = left.slice(0, limit);
  const last = shown.at(-1);
  const more = last !== undefined && shown.length < left.length;
  return {
    shown,
    next: more ? { NextToken: Buffer.from(nameOf(last)).toString("base64url") } : {},
  };
}
