import type { LinkTransfer, TaskOffice } from "../ports.ts";
import {
  type CommitRequest,
  type InitClaim,
  maxClaimsPerCommit,
  type SegmentClaim,
  type TrackGrant,
  type UploadLink,
} from "./office.ts";
import type { Product } from "./segmenter.ts";
import { segmentsOfTask } from "./tasks.ts";

/** The video failed or was deleted meanwhile: the work is for nobody. */
export class GoneError extends Error {
  override readonly name = "GoneError";
}

export interface DeliveryPorts {
  readonly office: TaskOffice;
  readonly transfer: LinkTransfer;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly digest: (algorithm: "md5" | "sha256", bytes: Uint8Array) => string;
}

/** Between two commits of one task: each reads and writes playlists. */
const commitIntervalMs = 2_000;
/** A link must hold for as long as one PUT may take. */
const linkReserveMs = 60_000;

/**
 * Sends segments as they are made and commits them in rows (one number of every track), at once
 * for the first chunk and then every two seconds. Holds no bytes: `take` answers when they are sent,
 * which is what slows the encoder down to the speed of the network.
 */
export class Delivery {
  readonly #ports: DeliveryPorts;
  readonly #base: CommitRequest;
  readonly #tracks: readonly string[];
  readonly #signal: AbortSignal;
  readonly #eager: boolean;
  readonly #first: number;
  #lease: TrackGrant;
  #renewal: Promise<void> | undefined;
  #claims: SegmentClaim[] = [];
  /** Short segments, which are only true together with the end of the task. */
  #closing: SegmentClaim[] = [];
  #inits: InitClaim[] = [];
  #poster: CommitRequest["poster"];
  #taken = new Map<string, number>();
  #committedAt = Number.NEGATIVE_INFINITY;
  #commit: Promise<void> = Promise.resolve();

  constructor(
    ports: DeliveryPorts,
    grant: TrackGrant,
    base: CommitRequest,
    tracks: readonly string[],
    signal: AbortSignal,
  ) {
    this.#ports = ports;
    this.#lease = grant;
    this.#base = base;
    this.#tracks = tracks;
    this.#signal = signal;
    this.#first = segmentsOfTask(grant.plan, grant.spec).segments.first;
    this.#eager = grant.spec.kind === "transcode" && grant.spec.chunk === 0;
  }

  async take(product: Product): Promise<void> {
    const { track, bytes } = product;
    const md5 = this.#ports.digest("md5", bytes);
    if (product.kind === "init") {
      const sha256 = this.#ports.digest("sha256", bytes);
      const own = this.#lease.inits.find((init) => init.track === track);
      if (own) await this.#ports.transfer.put(own.link, bytes, this.#signal);
      this.#inits.push({ track, bytes: bytes.length, md5, sha256 });
      return;
    }
    const { number, frames } = product;
    const link = await this.#linkFor(track, number);
    if (link) {
      const claim = { track, number, bytes: bytes.length, md5, frames };
      await this.#ports.transfer.put(link, bytes, this.#signal);
      (product.isShort ? this.#closing : this.#claims).push(claim);
    }
    this.#taken.set(track, (this.#taken.get(track) ?? 0) + 1);
    if (this.#claims.length > 0 && this.#isRowComplete() && this.#isDue()) await this.#flush(false);
  }

  /** Commits the rest, and with it the task. */
  async finish(poster?: Uint8Array): Promise<void> {
    const link = this.#lease.poster;
    if (poster && link) {
      await this.#ports.transfer.put(link, poster, this.#signal);
      this.#poster = { bytes: poster.length, md5: this.#ports.digest("md5", poster) };
    }
    await this.#flush(true);
  }

  /** Undefined when the segment is recorded already. */
  async #linkFor(track: string, number: number): Promise<UploadLink | undefined> {
    if (number >= this.#lease.end || this.#isExpired()) {
      this.#renewal ??= this.#renew().finally(() => {
        this.#renewal = undefined;
      });
      await this.#renewal;
      if (number >= this.#lease.end) throw new Error(`The track ${track} ran too far ahead.`);
    }
    return this.#lease.segments.find((each) => each.track === track && each.number === number)
      ?.link;
  }

  #isExpired(): boolean {
    return this.#ports.now() > Date.parse(this.#lease.expiresAt) - linkReserveMs;
  }

  async #renew(): Promise<void> {
    const from = this.#first + Math.min(...this.#counts());
    const { videoId, taskId, ticket } = this.#base;
    const answer = await this.#ports.office.lease({ videoId, taskId, ticket, from }, this.#signal);
    if (answer.state !== "granted" || answer.makes !== "tracks") throw new GoneError();
    this.#lease = answer;
  }

  #isRowComplete(): boolean {
    return new Set(this.#counts()).size === 1;
  }

  #counts(): number[] {
    return this.#tracks.map((track) => this.#taken.get(track) ?? 0);
  }

  #isDue(): boolean {
    return this.#eager || this.#ports.now() - this.#committedAt >= commitIntervalMs;
  }

  /** One commit at a time, in the order in which they were asked for. */
  #flush(finished: boolean): Promise<void> {
    this.#commit = this.#commit.then(() => this.#send(finished));
    return this.#commit;
  }

  async #send(finished: boolean): Promise<void> {
    do {
      const segments = this.#claims.splice(0, maxClaimsPerCommit);
      const last = finished && this.#claims.length === 0;
      if (last) segments.push(...this.#closing);
      if (segments.length === 0 && !last) return;
      const request = {
        ...this.#base,
        ...{ segments, inits: this.#inits, finished: last },
        ...(last && this.#poster ? { poster: this.#poster } : {}),
      };
      const answer = await this.#ports.office.commit(request, this.#signal);
      if (answer.state === "gone") throw new GoneError();
      if (answer.state === "refused") throw new Error(`The commit was refused: ${answer.reason}`);
      this.#committedAt = this.#ports.now();
    } while (this.#claims.length > 0);
  }
}
