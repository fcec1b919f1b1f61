import type { Encoder, Log } from "../ports.ts";
import { Delivery, type DeliveryPorts, GoneError } from "./delivery.ts";
import { join } from "./fmp4.ts";
import type { CommitRequest, TrackGrant } from "./office.ts";
import { segmentsOf } from "./segmenter.ts";
import { segmentsOfTask } from "./tasks.ts";

/** How one attempt at a task goes on. */
export interface Attempt {
  readonly log: Log;
  /** SQS will not deliver the message again: a failure now is for good. */
  readonly isLast: boolean;
  readonly signal: AbortSignal;
}

/**
 * A film without a poster is still a film; but one whose poster comes only if nothing is disturbed
 * would not be the same each time, so only the last attempt does without.
 */
const posterOf = async (
  encoder: Encoder,
  grant: TrackGrant,
  movie: readonly Uint8Array[],
  { log, isLast, signal }: Attempt,
) => {
  if (!grant.poster) return undefined;
  const { cover } = grant.plan.source;
  // An init segment alone: the source ends before its first picture.
  if (!cover && movie.length < 2) return undefined;
  try {
    return cover
      ? await encoder.makeCover(cover.streamIndex, grant.source, signal)
      : await encoder.makePoster(join(movie), signal);
  } catch (error) {
    signal.throwIfAborted();
    if (!isLast) throw error;
    log.warn("There is no poster", { reason: String(error) });
    return undefined;
  }
};

/** Encodes what the grant asks for, sends it segment by segment, and commits as it goes. */
export const makeTracks = async (
  ports: DeliveryPorts & { readonly encoder: Encoder },
  grant: TrackGrant,
  base: CommitRequest,
  attempt: Attempt,
): Promise<void> => {
  const { encoder, office } = ports;
  const { signal } = attempt;
  const stop = new AbortController();
  const either = AbortSignal.any([signal, stop.signal]);
  const { tracks, segments } = segmentsOfTask(grant.plan, grant.spec);
  const delivery = new Delivery(ports, grant, base, tracks, either);
  const run =
    grant.spec.kind === "transcode"
      ? await encoder.encodeChunk(grant.plan, grant.spec.chunk, grant.source, either)
      : await encoder.encodeAudio(grant.plan, grant.source, either);
  const forPoster: Uint8Array[] = [];
  const deliveries = run.outputs.map(async ({ track, stream }) => {
    for await (const product of segmentsOf(grant.plan.timeline, track, segments, stream)) {
      if (grant.poster && track === grant.plan.posterRendition) forPoster.push(product.bytes);
      await delivery.take(product);
    }
  });
  // The first to fail tells why; the others end because of it.
  const all = [run.done, ...deliveries].map((part) =>
    part.catch((error: unknown) => {
      stop.abort(error);
      throw error;
    }),
  );
  const settled = await Promise.allSettled(all);
  if (stop.signal.aborted) {
    if (stop.signal.reason instanceof GoneError) await office.commit(base, signal);
    throw stop.signal.reason;
  }
  for (const part of settled) if (part.status === "rejected") throw part.reason;
  await delivery.finish(await posterOf(encoder, grant, forPoster, attempt));
};
