import type { Dispatch } from "@sluice/contracts";
import type { WaitingStatus } from "../ports.ts";

const minute = 60_000;
const hour = 60 * minute;

/*
 * How long nothing may be heard before something is taken for lost. Too soon costs work done twice,
 * too late the patience of whoever waits; nothing breaks by it, since every consumer is idempotent.
 */

export interface TaskPatience {
  /** Since a worker last leased or committed, for a task that one began. */
  readonly silentMs: number;
  /** Since anything was heard of the video, for a task that none began. */
  readonly unbegunMs: number;
}

export const taskPatience: Readonly<Record<Dispatch, TaskPatience>> = {
  pull: {
    // A worker that died holds its message for the visibility timeout, 60 min, and the next may run
    // for 10 before it commits.
    silentMs: 75 * minute,
    // The alarm of the queue: by then workers do not keep up, or the message is set aside.
    unbegunMs: hour,
  },
  push: {
    // Lambda ends a worker after 10 min and starts the next 1 and 2 min later, unless it is throttled.
    silentMs: 30 * minute,
    // Lambda holds an event for 6 h and reports it then; what it lost, it does not.
    unbegunMs: 6 * hour + 15 * minute,
  },
};

/** A task that is with nobody, in a video that has been planned for so long. */
export const unsentMs = 5 * minute;

/** How often a video that is transcoded is looked at, at most. */
export const lookEveryMs = 5 * minute;

/** A task was sent so often, and tried as often as each of these messages is, and came to nothing. */
export const hopeless = { dispatches: 3, attempts: 9 } as const;

/**
 * Of the steps that take seconds. Their queues deliver a message four or five times within minutes,
 * or within an hour when workers die.
 */
export const stepPatience: Readonly<
  Record<WaitingStatus, { readonly waitMs: number; readonly maxSweeps: number }>
> = {
  planning: { waitMs: 30 * minute, maxSweeps: 5 },
  packaging: { waitMs: 15 * minute, maxSweeps: 6 },
  // What is to be removed stays to be removed.
  failed: { waitMs: 15 * minute, maxSweeps: Number.POSITIVE_INFINITY },
  deleting: { waitMs: 15 * minute, maxSweeps: Number.POSITIVE_INFINITY },
};

/** A completion takes seconds: one that was begun this long ago was cut off. */
export const completionMs = hour;

/** How long an aborted upload is remembered, so that a repeat of its request is told. */
export const rememberAbortedMs = 7 * 24 * hour;
