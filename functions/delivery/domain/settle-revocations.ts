import type { RevocationLedger, RevocationList } from "../ports.ts";

export interface SettlementPorts {
  readonly ledger: RevocationLedger;
  readonly list: RevocationList;
}

/** One update of a key value store changes 50 keys. */
const batchSize = 50;
/** Clocks of edges differ from ours, by far less. */
const graceMs = 60 * 60_000;

/** Tells the edge what is to be revoked, and then what it may forget. */
export const settleRevocations = async (
  { ledger, list }: SettlementPorts,
  now: Date,
): Promise<void> => {
  for (;;) {
    const pending = await ledger.pending(batchSize);
    if (pending.length === 0) break;
    await list.add(pending);
    await ledger.finish(pending.map(({ linkId }) => linkId));
  }
  await forgetEnded({ ledger, list }, now).catch(() => {
    // What was asked for is done; whoever revokes next tidies up.
  });
};

const forgetEnded = async ({ ledger, list }: SettlementPorts, now: Date): Promise<void> => {
  const ended = await ledger.ended(new Date(now.getTime() - graceMs), batchSize);
  const told = ended.filter((link) => link.told).map(({ linkId }) => linkId);
  if (told.length > 0) await list.remove(told);
  if (ended.length > 0) await ledger.forget(ended.map(({ linkId }) => linkId));
};
