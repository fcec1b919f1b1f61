import type { CloudContext } from "../context.ts";
import { noSuchQueue, queueExists } from "./errors.ts";
import type { MessageStore } from "./message-store.ts";
import {
  type AttributeMap,
  checkQueueName,
  defaultAttributes,
  mergeAttributes,
  parseAttributes,
  type QueueSettings,
} from "./queue-settings.ts";

export interface Queue {
  readonly name: string;
  readonly arn: string;
  readonly attributes: AttributeMap;
  readonly settings: QueueSettings;
  readonly createdAt: number;
  readonly modifiedAt: number;
}

/** Which queues exist and what their attributes say; kept in memory, written through. */
export class QueueRegistry {
  readonly #context: CloudContext;
  readonly #store: MessageStore;
  readonly #queues = new Map<string, Queue>();

  constructor(context: CloudContext, store: MessageStore) {
    this.#context = context;
    this.#store = store;
    for (const row of store.queues()) {
      const attributes = JSON.parse(row.attributes) as AttributeMap;
      this.#remember(row.name, attributes, row.created_at, row.modified_at);
    }
  }

  all(): Queue[] {
    return [...this.#queues.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  find(name: string): Queue | undefined {
    return this.#queues.get(name);
  }

  /** @throws AwsError AWS.SimpleQueueService.NonExistentQueue */
  byName(name: string): Queue {
    const queue = this.#queues.get(name);
    if (!queue) throw noSuchQueue();
    return queue;
  }

  /** Only the path counts: the port of the endpoint changes between starts. */
  byUrl(url: string): Queue {
    const path = URL.parse(url, "http://localhost")?.pathname.split("/").filter(Boolean) ?? [];
    const [account, name] = path.slice(-2);
    if (account !== this.#context.accountId || name === undefined) throw noSuchQueue();
    return this.byName(name);
  }

  byArn(arn: string): Queue {
    const name = arn.split(":")[5] ?? "";
    if (this.arnOf(name) !== arn) throw noSuchQueue();
    return this.byName(name);
  }

  arnOf(name: string): string {
    return `arn:aws:sqs:${this.#context.region}:${this.#context.accountId}:${name}`;
  }

  urlOf(name: string): string {
    return `${this.#context.endpoint()}/${this.#context.accountId}/${name}`;
  }

  /** Answers the existing queue if it has the same attributes, as CreateQueue does. */
  create(name: string, attributes: AttributeMap): Queue {
    checkQueueName(name);
    const existing = this.#queues.get(name);
    if (existing) {
      const current = { ...defaultAttributes, ...existing.attributes };
      for (const [key, value] of Object.entries(attributes)) {
        if (current[key as keyof typeof current] !== value) throw queueExists(name, key);
      }
      return existing;
    }
    return this.#write(name, mergeAttributes({}, attributes), this.#context.clock.now());
  }

  /** Creates or replaces: what is not given returns to its default. */
  put(name: string, attributes: AttributeMap): Queue {
    checkQueueName(name);
    const now = this.#context.clock.now();
    return this.#write(name, mergeAttributes({}, attributes), this.find(name)?.createdAt ?? now);
  }

  change(name: string, changes: AttributeMap): Queue {
    const { attributes, createdAt } = this.byName(name);
    return this.#write(name, mergeAttributes(attributes, changes), createdAt);
  }

  delete(name: string): void {
    this.#context.transaction(() => this.#store.deleteQueue(name));
    this.#queues.delete(name);
  }

  #write(name: string, attributes: AttributeMap, createdAt: number): Queue {
    const modifiedAt = this.#context.clock.now();
    const queue = this.#remember(name, attributes, createdAt, modifiedAt);
    this.#store.putQueue({
      name,
      attributes: JSON.stringify(attributes),
      created_at: createdAt,
      modified_at: modifiedAt,
    });
    return queue;
  }

  #remember(name: string, attributes: AttributeMap, createdAt: number, modifiedAt: number): Queue {
    const settings = parseAttributes(attributes);
    const queue = { name, arn: this.arnOf(name), attributes, settings, createdAt, modifiedAt };
    this.#queues.set(name, queue);
    return queue;
  }
}
