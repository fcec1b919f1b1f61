import pRetry from "p-retry";

/** SendMessageBatch and PublishBatch take this many. */
const entriesPerBatch = 10;
const retries = { retries: 4, minTimeout: 100, maxTimeout: 2_000, randomize: true };

interface Refused {
  readonly Failed?: readonly { readonly Id?: string | undefined }[] | undefined;
}

/**
 * Sends every entry, each at least once, ten at a time and in order; what is refused of a batch is
 * sent again.
 *
 * @param send one batch; its ids are unique within it
 * @throws Error when some kept being refused; the others were sent
 */
export const sendInBatches = async <E extends object>(
  entries: readonly E[],
  send: (batch: (E & { readonly Id: string })[]) => Promise<Refused>,
): Promise<void> => {
  for (let from = 0; from < entries.length; from += entriesPerBatch) {
    let batch = entries
      .slice(from, from + entriesPerBatch)
      .map((entry, index) => ({ ...entry, Id: String(index) }));
    await pRetry(async () => {
      const { Failed = [] } = await send(batch);
      const failed = new Set(Failed.map(({ Id }) => Id));
      batch = batch.filter(({ Id }) => failed.has(Id));
      if (batch.length > 0) throw new Error(`${batch.length} messages were refused.`);
    }, retries);
  }
};
