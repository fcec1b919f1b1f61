import { isDeepStrictEqual } from "node:util";
import { AwsError } from "../aws-error.ts";
import { type Documents, documents } from "./documents.ts";
import { type MappingConfig, mappingConfig } from "./function-config.ts";
import { type PollerParts, QueuePoller } from "./queue-poller.ts";

/** The event source mappings of the account and their pollers. */
export class Mappings {
  readonly #parts: PollerParts;
  readonly #documents: Documents<MappingConfig>;
  readonly #pollers = new Map<string, QueuePoller>();
  readonly #leaving = new Set<Promise<void>>();
  #started = false;

  constructor(parts: PollerParts) {
    this.#parts = parts;
    this.#documents = documents(parts.context.database, "mapping", mappingConfig);
  }

  all(): MappingConfig[] {
    return this.#documents.all();
  }

  find(id: string): MappingConfig | undefined {
    return this.#documents.get(id);
  }

  /** @throws AwsError InvalidParameterValueException, ResourceConflictException */
  put(mapping: MappingConfig): void {
    const { functions, sqs } = this.#parts;
    const { timeoutSeconds } = functions.find(mapping.functionName);
    const visibility = sqs.visibilityTimeout(mapping.queueArn);
    if (timeoutSeconds > visibility) {
      throw new AwsError(
        "InvalidParameterValueException",
        `Queue visibility timeout: ${visibility} seconds is less than Function timeout: ${timeoutSeconds} seconds`,
      );
    }
    const twin = this.all().find(
      (it) =>
        it.id !== mapping.id &&
        it.queueArn === mapping.queueArn &&
        it.functionName === mapping.functionName,
    );
    if (twin) {
      throw new AwsError(
        "ResourceConflictException",
        `An event source mapping with SQS arn (" ${mapping.queueArn} ") and function (" ${mapping.functionName} ") already exists. Please update or delete the existing mapping with UUID ${twin.id}`,
        409,
      );
    }
    const before = this.find(mapping.id);
    // Compared as it is kept, without what is undefined.
    const kept = mappingConfig.parse(JSON.parse(JSON.stringify(mapping)));
    if (before && isDeepStrictEqual({ ...before, modifiedAt: 0 }, { ...kept, modifiedAt: 0 })) {
      return;
    }
    this.#documents.put(mapping.id, mapping);
    this.#close(mapping.id);
    if (this.#started) this.#open(mapping);
  }

  delete(id: string): void {
    this.#documents.delete(id);
    this.#close(id);
  }

  start(): void {
    this.#started = true;
    for (const mapping of this.all()) if (!this.#pollers.has(mapping.id)) this.#open(mapping);
  }

  /** Ends the polling at once; resolves when every batch in work is settled or given back. */
  async stop(): Promise<void> {
    this.#started = false;
    for (const id of [...this.#pollers.keys()]) this.#close(id);
    await Promise.all(this.#leaving);
  }

  #open(mapping: MappingConfig): void {
    if (!mapping.enabled) return;
    const poller = new QueuePoller(mapping, this.#parts);
    this.#pollers.set(mapping.id, poller);
    poller.start();
  }

  #close(id: string): void {
    const poller = this.#pollers.get(id);
    if (!poller) return;
    this.#pollers.delete(id);
    const leaving = poller.stop().finally(() => this.#leaving.delete(leaving));
    this.#leaving.add(leaving);
  }
}
