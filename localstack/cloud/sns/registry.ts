import { randomUUID } from "node:crypto";
import type { CloudContext } from "../context.ts";
import { type AttributeMap, mergeAttributes } from "./attributes.ts";
import { invalidParameter, notFound, subscriptionLimit } from "./errors.ts";
import type { SnsStore } from "./store.ts";
import { checkEndpoint, parseSubscription, type Subscription } from "./subscription.ts";
import { checkTopicAttributes, checkTopicName, type Topic } from "./topic.ts";

/** https://docs.aws.amazon.com/sns/latest/dg/subscription-filter-policy-constraints.html */
const MAX_FILTER_POLICIES = 200;

export interface SubscriptionInput {
  readonly topicArn: string;
  readonly protocol: string;
  readonly endpoint: string;
  readonly attributes: AttributeMap;
}

/** Which topics and subscriptions exist and what they say; kept in memory, written through. */
export class SnsRegistry {
  readonly #context: CloudContext;
  readonly #store: SnsStore;
  readonly #topics = new Map<string, Topic>();
  readonly #subscriptions = new Map<string, Subscription>();

  constructor(context: CloudContext, store: SnsStore) {
    this.#context = context;
    this.#store = store;
    for (const topic of store.topics()) this.#topics.set(topic.arn, topic);
    for (const { topic_arn, ...row } of store.subscriptions()) {
      const settings = parseSubscription(row.protocol, row.attributes);
      this.#subscriptions.set(row.arn, { ...row, topicArn: topic_arn, settings });
    }
  }

  topics(): Topic[] {
    return inOrder(this.#topics.values());
  }

  findTopic(arn: string): Topic | undefined {
    return this.#topics.get(arn);
  }

  /** @throws AwsError NotFound, InvalidParameter (no ARN) */
  topic(arn: string): Topic {
    const parts = arn.split(":").length;
    if (parts < 6) {
      throw invalidParameter(
        `TopicArn Reason: An ARN must have at least 6 elements, not ${arn === "" ? 0 : parts}`,
      );
    }
    const topic = this.#topics.get(arn);
    if (!topic) throw notFound("Topic");
    return topic;
  }

  topicArn(name: string): string {
    return `arn:aws:sns:${this.#context.region}:${this.#context.accountId}:${name}`;
  }

  /** Answers the existing topic if it says the same, as CreateTopic does. */
  createTopic(name: string, attributes: AttributeMap, tags: AttributeMap): Topic {
    checkTopicName(name);
    const existing = this.#topics.get(this.topicArn(name));
    if (!existing) return this.putTopic(name, attributes, tags);
    checkTopicAttributes(attributes);
    if (!contains(existing.attributes, attributes)) {
      throw invalidParameter("Attributes Reason: Topic already exists with different attributes");
    }
    if (!contains(existing.tags, tags)) {
      throw invalidParameter("Tags Reason: Topic already exists with different tags");
    }
    return existing;
  }

  /** Creates or replaces: what is not given returns to its default. */
  putTopic(name: string, attributes: AttributeMap, tags: AttributeMap): Topic {
    checkTopicName(name);
    checkTopicAttributes(attributes);
    return this.#writeTopic({ arn: this.topicArn(name), name, attributes, tags });
  }

  changeTopic(arn: string, changes: { attributes?: AttributeMap; tags?: AttributeMap }): Topic {
    const topic = this.topic(arn);
    const attributes = mergeAttributes(topic.attributes, changes.attributes ?? {});
    checkTopicAttributes(attributes);
    return this.#writeTopic({ ...topic, attributes, tags: changes.tags ?? topic.tags });
  }

  /** With its subscriptions. */
  deleteTopic(arn: string): void {
    this.#context.transaction(() => this.#store.deleteTopic(arn));
    this.#topics.delete(arn);
    for (const subscription of this.#subscriptions.values()) {
      if (subscription.topicArn === arn) this.#subscriptions.delete(subscription.arn);
    }
  }

  subscriptions(topicArn?: string): Subscription[] {
    const all = inOrder(this.#subscriptions.values());
    return topicArn === undefined ? all : all.filter((it) => it.topicArn === topicArn);
  }

  findSubscription(arn: string): Subscription | undefined {
    return this.#subscriptions.get(arn);
  }

  /** @throws AwsError NotFound */
  subscription(arn: string): Subscription {
    const subscription = this.#subscriptions.get(arn);
    if (!subscription) throw notFound("Subscription");
    return subscription;
  }

  /** Answers the existing subscription of the endpoint if it says the same, as Subscribe does. */
  subscribe(input: SubscriptionInput): Subscription {
    const existing = this.#same(input);
    if (!existing) return this.putSubscription(input);
    if (!contains(existing.attributes, input.attributes)) {
      throw invalidParameter(
        "Attributes Reason: Subscription already exists with different attributes",
      );
    }
    return existing;
  }

  /** Creates or replaces: what is not given returns to its default. */
  putSubscription(input: SubscriptionInput): Subscription {
    const { arn: topicArn } = this.topic(input.topicArn);
    const protocol = checkEndpoint(input.protocol, input.endpoint);
    const settings = parseSubscription(protocol, input.attributes, "Attributes Reason: ");
    return this.#writeSubscription({
      ...input,
      arn: this.#same(input)?.arn ?? `${topicArn}:${randomUUID()}`,
      protocol,
      settings,
    });
  }

  changeSubscription(arn: string, changes: AttributeMap): Subscription {
    const subscription = this.subscription(arn);
    const attributes = mergeAttributes(subscription.attributes, changes);
    const settings = parseSubscription(subscription.protocol, attributes);
    return this.#writeSubscription({ ...subscription, attributes, settings });
  }

  /** What is on its way to it goes with it. Deleting one that is gone is no error. */
  unsubscribe(arn: string): void {
    this.#context.transaction(() => this.#store.deleteSubscription(arn));
    this.#subscriptions.delete(arn);
  }

  #same({ topicArn, protocol, endpoint }: SubscriptionInput): Subscription | undefined {
    return this.subscriptions(topicArn).find(
      (it) => it.protocol === protocol && it.endpoint === endpoint,
    );
  }

  #writeTopic(topic: Topic): Topic {
    this.#store.putTopic(topic);
    this.#topics.set(topic.arn, topic);
    return topic;
  }

  #writeSubscription(subscription: Subscription): Subscription {
    const { arn, topicArn, protocol, endpoint, attributes } = subscription;
    const others = this.subscriptions(topicArn).filter((it) => it.arn !== arn);
    const filtered = others.filter((it) => it.settings.filter).length;
    if (subscription.settings.filter && filtered >= MAX_FILTER_POLICIES) {
      throw subscriptionLimit(MAX_FILTER_POLICIES);
    }
    this.#store.putSubscription({ arn, topic_arn: topicArn, protocol, endpoint, attributes });
    this.#subscriptions.set(arn, subscription);
    return subscription;
  }
}

function contains(whole: AttributeMap, part: AttributeMap): boolean {
  return Object.entries(part).every(([name, value]) => whole[name] === value);
}

function inOrder<T extends { readonly arn: string }>(found: Iterable<T>): T[] {
  return [...found].sort((a, b) => (a.arn < b.arn ? -1 : 1));
}
