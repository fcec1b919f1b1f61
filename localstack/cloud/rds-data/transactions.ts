import { randomBytes } from "node:crypto";
import { AwsError } from "../aws-error.ts";
import type { Clock } from "../clock.ts";
import { transactionNotFound } from "./errors.ts";
import { releaseClean, type Session } from "./sessions.ts";

/** "A transaction times out if no calls use its transaction ID in three minutes … maximum of 24 hours". */
const idleMs = 3 * 60_000;
const longestMs = 24 * 60 * 60_000;

interface Transaction {
  readonly session: Session;
  readonly resourceArn: string;
  busy: boolean;
  idle: { cancel(): void };
  readonly end: { cancel(): void };
}

/** The transactions that are open, each on a connection of its own. They end with the process. */
export class Transactions {
  readonly #clock: Clock;
  readonly #open = new Map<string, Transaction>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Takes the session over; it is given back when the transaction ends. */
  async begin(session: Session, resourceArn: string): Promise<string> {
    try {
      await session.client.query("BEGIN");
    } catch (error) {
      session.release(true);
      throw error;
    }
    const id = randomBytes(96).toString("base64url");
    this.#open.set(id, {
      session,
      resourceArn,
      busy: false,
      idle: this.#expireAfter(id, idleMs),
      end: this.#expireAfter(id, longestMs),
    });
    return id;
  }

  /**
   * Reserves the transaction for one call.
   *
   * @throws AwsError TransactionNotFoundException; DatabaseErrorException while another call runs in it
   */
  take(id: string, resourceArn: string): { readonly session: Session; readonly done: () => void } {
    const transaction = this.#find(id, resourceArn);
    transaction.busy = true;
    transaction.idle.cancel();
    return {
      session: transaction.session,
      done: () => {
        transaction.busy = false;
        if (!this.#open.has(id)) return;
        // COMMIT or ROLLBACK sent as a statement has ended it, and a lost connection too.
        if (transaction.session.client.getTransactionStatus() === "I") this.#close(id, transaction);
        else transaction.idle = this.#expireAfter(id, idleMs);
      },
    };
  }

  async commit(id: string, resourceArn: string): Promise<string> {
    const transaction = this.#find(id, resourceArn);
    const { client } = transaction.session;
    // PostgreSQL answers COMMIT of a failed transaction by rolling back, without an error.
    const failed = client.getTransactionStatus() === "E";
    await this.#finish(id, transaction, "COMMIT");
    if (failed)
      throw new AwsError(
        "DatabaseErrorException",
        "ERROR: current transaction is aborted, commands ignored until end of transaction block; SQLState: 25P02",
      );
    return "Transaction Committed";
  }

  async rollback(id: string, resourceArn: string): Promise<string> {
    await this.#finish(id, this.#find(id, resourceArn), "ROLLBACK");
    return "Rollback Complete";
  }

  /** Rolls back everything. */
  close(): void {
    for (const [id, transaction] of this.#open) this.#close(id, transaction);
  }

  #find(id: string, resourceArn: string): Transaction {
    const transaction = this.#open.get(id);
    if (!transaction || transaction.resourceArn !== resourceArn) throw transactionNotFound(id);
    if (transaction.busy)
      throw new AwsError("DatabaseErrorException", "Transaction is still running a query");
    return transaction;
  }

  async #finish(
    id: string,
    transaction: Transaction,
    command: "COMMIT" | "ROLLBACK",
  ): Promise<void> {
    this.#forget(id, transaction);
    try {
      await transaction.session.client.query(command);
    } catch (error) {
      transaction.session.release(true);
      throw error;
    }
    void releaseClean(transaction.session, undefined);
  }

  #expireAfter(id: string, delayMs: number): { cancel(): void } {
    return this.#clock.schedule(delayMs, () => {
      const transaction = this.#open.get(id);
      if (!transaction) return;
      if (transaction.busy) transaction.session.cancel();
      this.#close(id, transaction);
    });
  }

  #close(id: string, transaction: Transaction): void {
    this.#forget(id, transaction);
    transaction.session.release(true);
  }

  #forget(id: string, transaction: Transaction): void {
    this.#open.delete(id);
    transaction.idle.cancel();
    transaction.end.cancel();
  }
}
