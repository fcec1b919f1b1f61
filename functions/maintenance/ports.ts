import type { Dispatch, PlanMessage, TaskKind } from "@sluice/contracts";

/** Statuses in which a video waits for somebody, and may wait in vain. */
export type WaitingStatus = "planning" | "packaging" | "failed" | "deleting";

/** Since when, and how patiently, to look for what is stuck. */
export interface Patience {
  readonly now: Date;
  /** A status younger than this is left alone; each time a video was taken up doubles it. */
  readonly waitMs: number;
}

export interface StuckVideo {
  readonly videoId: string;
  readonly fileName: string;
  readonly correlationId: string;
  /** How often it was taken up in its present status, this time included. */
  readonly sweeps: number;
}

export interface TranscodingVideo {
  readonly videoId: string;
  readonly dispatch: Dispatch;
  /** When transcoding began. */
  readonly since: Date;
}

/** The signs of life of an unfinished task. */
export interface TaskSigns {
  readonly taskId: string;
  readonly spec: { readonly kind: TaskKind };
  /** How often a worker leased it. */
  readonly attempts: number;
  /** How often it was sent. */
  readonly dispatches: number;
  /** Undefined: it is with nobody. */
  readonly dispatchedAt: Date | undefined;
  /** When a worker last leased or committed. */
  readonly seenAt: Date | undefined;
}

export interface VideoSigns extends TranscodingVideo {
  readonly unfinished: readonly TaskSigns[];
  /** When anything was last heard of any task, the finished ones too. */
  readonly lastSign: Date | undefined;
}

/** An upload that nobody goes on with. */
export interface IdleUpload {
  readonly uploadId: string;
  readonly videoId: string;
  readonly storageId: string | undefined;
  readonly completedParts: string | undefined;
  readonly activeAt: Date;
}

/**
 * The database, as the sweeper looks at it. What is taken is noted in the same statement, so that two
 * sweepers at once take different videos, and each is taken in its turn.
 */
export interface SweepStore {
  takeStuck(status: WaitingStatus, patience: Patience, limit: number): Promise<StuckVideo[]>;
  /** Videos being transcoded of which some task has been silent for `waitMs`, or every one is finished. */
  takeSilent(patience: Patience, limit: number): Promise<TranscodingVideo[]>;
  signsOf(video: TranscodingVideo): Promise<VideoSigns>;
  /** Open uploads idle for `waitMs` that had begun to be completed, or for `staleMs` whatever they had. */
  takeIdle(patience: Patience & { readonly staleMs: number }, limit: number): Promise<IdleUpload[]>;
}

export interface PlanQueue {
  send(message: PlanMessage): Promise<void>;
}
