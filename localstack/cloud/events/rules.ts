import { AwsError } from "../aws-error.ts";
import type { CloudContext } from "../context.ts";
import { invalid, type Rule, type RuleDocument, readSchedule, type Target } from "./rule.ts";
import type { EventsStore } from "./store.ts";

/** https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html */
const MAX_TARGETS = 5;

export interface RuleInput {
  readonly name: string;
  readonly description?: string | undefined;
  readonly scheduleExpression: string;
  readonly enabled: boolean;
  /** Left out, they stay. */
  readonly targets?: readonly Target[] | undefined;
}

/** Which rules exist and what they say; kept in memory, written through. */
export class Rules {
  readonly #context: CloudContext;
  readonly #store: EventsStore;
  readonly #rules = new Map<string, Rule>();
  /** Called when a rule has another time to run. */
  onChange: () => void = () => {};

  constructor(context: CloudContext, store: EventsStore) {
    this.#context = context;
    this.#store = store;
    for (const document of store.rules()) this.#remember(document);
  }

  all(): Rule[] {
    return [...this.#rules.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** @throws AwsError ResourceNotFoundException */
  find(name: string): Rule {
    const rule = this.#rules.get(name);
    if (rule) return rule;
    throw new AwsError(
      "ResourceNotFoundException",
      `Rule ${name} does not exist on EventBus default.`,
    );
  }

  arnOf(name: string): string {
    return `arn:aws:events:${this.#context.region}:${this.#context.accountId}:rule/${name}`;
  }

  /** Creates or replaces. A rule that says the same goes on counting. @throws AwsError ValidationException */
  put(input: RuleInput): Rule {
    const before = this.#rules.get(input.name);
    readSchedule(input.scheduleExpression);
    const goesOn =
      before?.scheduleExpression === input.scheduleExpression && before.enabled === input.enabled;
    return this.#write({
      name: input.name,
      description: input.description ?? "",
      scheduleExpression: input.scheduleExpression,
      enabled: input.enabled,
      since: goesOn ? before.since : this.#context.clock.now(),
      targets: checkTargets(input.targets ?? before?.targets ?? []),
    });
  }

  /** @throws AwsError ResourceNotFoundException */
  enable(name: string, enabled: boolean): void {
    const { targets: _, ...rule } = this.find(name);
    this.put({ ...rule, enabled });
  }

  /** Adds targets, or replaces those of the same Id. @throws AwsError ResourceNotFoundException, LimitExceededException */
  putTargets(name: string, targets: readonly Target[]): void {
    const rule = this.find(name);
    const ids = new Set(targets.map((it) => it.Id));
    const others = rule.targets.filter((it) => !ids.has(it.Id));
    this.put({ ...rule, targets: [...others, ...targets] });
  }

  /** Answers the Ids that the rule does not have. @throws AwsError ResourceNotFoundException */
  removeTargets(name: string, ids: readonly string[]): string[] {
    const rule = this.find(name);
    this.put({ ...rule, targets: rule.targets.filter((it) => !ids.includes(it.Id)) });
    return ids.filter((id) => rule.targets.every((it) => it.Id !== id));
  }

  /** Deleting one that is gone is no error. */
  delete(name: string): void {
    this.#store.deleteRule(name);
    this.#rules.delete(name);
    this.onChange();
  }

  #write(document: RuleDocument): Rule {
    this.#store.putRule(document);
    const rule = this.#remember(document);
    this.onChange();
    return rule;
  }

  #remember(document: RuleDocument): Rule {
    const schedule = readSchedule(document.scheduleExpression);
    const rule = { ...document, arn: this.arnOf(document.name), schedule };
    this.#rules.set(rule.name, rule);
    return rule;
  }
}

function checkTargets(targets: readonly Target[]): Target[] {
  if (new Set(targets.map((it) => it.Id)).size < targets.length) {
    throw invalid("Two or more targets have the same Id.");
  }
  if (targets.length > MAX_TARGETS) {
    throw new AwsError(
      "LimitExceededException",
      `The requested resource exceeds the maximum number allowed: a rule has at most ${MAX_TARGETS} targets.`,
    );
  }
  return [...targets];
}
