import {
  and,
  eq,
  exists,
  inArray,
  isNotNull,
  isNull,
  lt,
  max,
  ne,
  notExists,
  or,
  type SQL,
  sql,
} from "drizzle-orm";
import type { Database } from "../../platform/database/database.ts";
import { tasks, uploads, videos } from "../../platform/database/schema.ts";
import { rememberAbortedMs } from "../domain/patience.ts";
import type { Patience, SweepStore, WaitingStatus } from "../ports.ts";

/** Doublings of a wait, so that it ends somewhere: 128 times the first. */
const maxDoublings = 7;

const before = ({ now }: Patience, ms: number) => new Date(now.getTime() - ms);

/** A moment as SQL: a bare Date inside a raw fragment would go out as text. */
const at = (moment: Date) => sql`${moment.toISOString()}::timestamptz`;

export const postgresSweepStore = (database: Database): SweepStore => {
  /**
   * Notes that these were taken, and answers them. Rows that another sweeper holds are skipped
   * (PostgreSQL, "The Locking Clause"), and those it has noted no longer fit.
   */
  const take = (fits: SQL | undefined, patience: Patience, limit: number) => {
    const found = database
      .select({ videoId: videos.videoId })
      .from(videos)
      .where(fits)
      .orderBy(sql`coalesce(${videos.sweptAt}, ${videos.statusSince})`)
      .limit(limit)
      .for("update", { skipLocked: true });
    return database
      .update(videos)
      .set({ sweptAt: patience.now, sweeps: sql`${videos.sweeps} + 1` })
      .where(inArray(videos.videoId, found))
      .returning();
  };
  const notTakenSince = (moment: Date) => or(isNull(videos.sweptAt), lt(videos.sweptAt, moment));

  const isAborted = database
    .select({ one: sql`1` })
    .from(uploads)
    .where(and(eq(uploads.videoId, videos.videoId), eq(uploads.state, "aborted")));

  /** What a status needs besides to be stuck. */
  const besides = (status: WaitingStatus, patience: Patience): SQL | undefined => {
    if (status === "failed") return isNull(videos.cleanedAt);
    if (status === "deleting")
      return or(notExists(isAborted), lt(videos.statusSince, before(patience, rememberAbortedMs)));
    return undefined;
  };

  return {
    async takeStuck(status, patience, limit) {
      const { now, waitMs } = patience;
      const doubled = sql`${waitMs / 1_000} * power(2, least(${videos.sweeps}, ${maxDoublings}))`;
      const fits = and(
        eq(videos.status, status),
        lt(videos.statusSince, before(patience, waitMs)),
        or(
          isNull(videos.sweptAt),
          sql`${videos.sweptAt} < ${at(now)} - make_interval(secs => ${doubled})`,
        ),
        besides(status, patience),
      );
      const taken = await take(fits, patience, limit);
      return taken.map(({ videoId, fileName, correlationId, sweeps }) => ({
        ...{ videoId, fileName, correlationId, sweeps },
      }));
    },

    async takeSilent(patience, limit) {
      const moment = before(patience, patience.waitMs);
      const unfinished = and(eq(tasks.videoId, videos.videoId), isNull(tasks.finishedAt));
      const isSilent = or(
        isNull(tasks.dispatchedAt),
        lt(sql`greatest(${tasks.dispatchedAt}, ${tasks.seenAt})`, at(moment)),
      );
      const one = () => database.select({ one: sql`1` }).from(tasks);
      const fits = and(
        eq(videos.status, "transcoding"),
        lt(videos.statusSince, moment),
        notTakenSince(moment),
        or(exists(one().where(and(unfinished, isSilent))), notExists(one().where(unfinished))),
      );
      const taken = await take(fits, patience, limit);
      return taken.map(({ videoId, dispatch, statusSince: since }) => ({
        ...{ videoId, dispatch, since },
      }));
    },

    async signsOf(video) {
      const ofVideo = eq(tasks.videoId, video.videoId);
      const [last] = await database
        .select({ seenAt: max(tasks.seenAt), dispatchedAt: max(tasks.dispatchedAt) })
        .from(tasks)
        .where(ofVideo);
      const unfinished = await database
        .select({
          ...{ taskId: tasks.taskId, kind: tasks.kind, seenAt: tasks.seenAt },
          ...{ attempts: tasks.attempts, dispatches: tasks.dispatches },
          dispatchedAt: tasks.dispatchedAt,
        })
        .from(tasks)
        .where(and(ofVideo, isNull(tasks.finishedAt)));
      const signs = [last?.seenAt, last?.dispatchedAt].filter((moment) => moment instanceof Date);
      return {
        ...video,
        lastSign: signs.toSorted((a, b) => b.getTime() - a.getTime())[0],
        unfinished: unfinished.map(({ kind, dispatchedAt, seenAt, ...task }) => ({
          ...task,
          spec: { kind },
          dispatchedAt: dispatchedAt ?? undefined,
          seenAt: seenAt ?? undefined,
        })),
      };
    },

    async takeIdle(patience, limit) {
      const idle = database
        .select({ videoId: uploads.videoId })
        .from(uploads)
        .where(
          and(
            eq(uploads.state, "open"),
            or(
              lt(uploads.activeAt, before(patience, patience.staleMs)),
              and(
                isNotNull(uploads.completedParts),
                lt(uploads.activeAt, before(patience, patience.waitMs)),
              ),
            ),
          ),
        );
      const fits = and(
        ne(videos.status, "deleting"),
        notTakenSince(before(patience, patience.waitMs)),
        inArray(videos.videoId, idle),
      );
      const taken = await take(fits, patience, limit);
      if (taken.length === 0) return [];
      const rows = await database
        .select()
        .from(uploads)
        .where(
          and(
            eq(uploads.state, "open"),
            inArray(
              uploads.videoId,
              taken.map(({ videoId }) => videoId),
            ),
          ),
        );
      return rows.map(({ uploadId, videoId, s3UploadId, completedParts, activeAt }) => ({
        ...{ uploadId, videoId, activeAt },
        storageId: s3UploadId ?? undefined,
        completedParts: completedParts ?? undefined,
      }));
    },
  };
};
