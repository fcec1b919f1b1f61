import { randomUUID } from "node:crypto";
import { and, eq, gte, inArray, isNotNull, isNull, lt, notInArray, sql } from "drizzle-orm";
import type { Database } from "../../platform/database/database.ts";
import { initSegments, plans, segments, tasks, videos } from "../../platform/database/schema.ts";
import { inTransaction } from "../../platform/database/transaction.ts";
import { recordEvent } from "../../webhooks/adapters/postgres-outbox.ts";
import { planSchema } from "../domain/plan.ts";
import { plannedMs } from "../domain/playlists.ts";
import { taskSpecSchema } from "../domain/tasks.ts";
import type { PipelineStore, StoredPlan, StoredTask, VideoState } from "../ports.ts";
import { InitDiffers, recordAchievement } from "./postgres-achievement.ts";
import { bandwidthsOf, progressOf } from "./postgres-progress.ts";

/** Rows of one statement; the Data API takes 4 MB, and a thousand small parameters are well below. */
const rowsPerStatement = 100;

const pagesOf = <T>(rows: readonly T[]): T[][] =>
  Array.from({ length: Math.ceil(rows.length / rowsPerStatement) }, (_, page) =>
    rows.slice(page * rowsPerStatement, (page + 1) * rowsPerStatement),
  );

const videoColumns = {
  videoId: videos.videoId,
  fileName: videos.fileName,
  status: videos.status,
  dispatch: videos.dispatch,
  correlationId: videos.correlationId,
  frontier: videos.frontier,
};

const taskOf = (row: typeof tasks.$inferSelect): StoredTask => ({
  taskId: row.taskId,
  ticket: row.ticket,
  spec: taskSpecSchema.parse(row.spec),
  finished: row.finishedAt !== null,
  attempts: row.attempts,
});

const planOf = (row: typeof plans.$inferSelect): StoredPlan => ({
  planHash: row.planHash,
  sourceEtag: row.sourceEtag,
  plan: planSchema.parse(row.plan),
});

export const postgresPipelineStore = (database: Database): PipelineStore => {
  const findVideo = async (videoId: string): Promise<VideoState | undefined> => {
    const [row] = await database
      .select(videoColumns)
      .from(videos)
      .where(eq(videos.videoId, videoId));
    return row;
  };
  const findPlan = async (videoId: string) => {
    const [row] = await database.select().from(plans).where(eq(plans.videoId, videoId));
    return row && planOf(row);
  };

  return {
    findVideo,
    findPlan,

    async savePlan(videoId, stored, planned) {
      await inTransaction(database, async (transaction) => {
        const [inserted] = await transaction
          .insert(plans)
          .values({ videoId, ...stored })
          .onConflictDoNothing()
          .returning({ videoId: plans.videoId });
        if (!inserted) return;
        for (const page of pagesOf(planned))
          await transaction
            .insert(tasks)
            .values(
              page.map(({ taskId, spec }) => ({
                taskId,
                videoId,
                spec,
                kind: spec.kind,
                ticket: randomUUID(),
              })),
            )
            .onConflictDoNothing();
        const { width, height } = stored.plan.source.video ?? {};
        await transaction
          .update(videos)
          .set({
            ...{ status: "transcoding", planHash: stored.planHash },
            ...{ durationMs: plannedMs(stored.plan), width, height },
          })
          .where(
            and(eq(videos.videoId, videoId), inArray(videos.status, ["uploading", "planning"])),
          );
      });
      const there = await findPlan(videoId);
      if (!there) throw new Error("The video went while it was planned.");
      return there;
    },

    async unfinishedTasks(videoId) {
      const rows = await database
        .select()
        .from(tasks)
        .where(and(eq(tasks.videoId, videoId), isNull(tasks.finishedAt)));
      return inOrderOfSending(rows).map(taskOf);
    },

    async finishedTask(videoId) {
      const [row] = await database
        .select()
        .from(tasks)
        .where(and(eq(tasks.videoId, videoId), isNotNull(tasks.finishedAt)))
        // Of the kind that surely works.
        .orderBy(sql`${tasks.kind} = 'transcode' DESC`, tasks.taskId)
        .limit(1);
      return row && taskOf(row);
    },

    async findTask(taskId) {
      const [row] = await database
        .select({ task: tasks, video: videoColumns, plan: plans })
        .from(tasks)
        .innerJoin(videos, eq(videos.videoId, tasks.videoId))
        .innerJoin(plans, eq(plans.videoId, tasks.videoId))
        .where(eq(tasks.taskId, taskId));
      return row && { task: taskOf(row.task), video: row.video, stored: planOf(row.plan) };
    },

    async noteDispatch(taskIds) {
      for (const page of pagesOf(taskIds))
        await database
          .update(tasks)
          .set({ dispatches: sql`${tasks.dispatches} + 1`, dispatchedAt: sql`now()` })
          .where(inArray(tasks.taskId, page));
    },

    async forgetDispatch(taskIds) {
      for (const page of pagesOf(taskIds))
        await database.update(tasks).set({ dispatchedAt: null }).where(inArray(tasks.taskId, page));
    },

    async countAttempt(taskId) {
      await database
        .update(tasks)
        .set({ attempts: sql`${tasks.attempts} + 1`, seenAt: sql`now()` })
        .where(eq(tasks.taskId, taskId));
    },

    async recordedSegments(videoId, first, end) {
      const rows = await database
        .select({ rendition: segments.rendition, number: segments.number })
        .from(segments)
        .where(
          and(eq(segments.videoId, videoId), gte(segments.number, first), lt(segments.number, end)),
        );
      return new Set(rows.map(({ rendition, number }) => `${rendition}/${number}`));
    },

    async recordedInits(videoId) {
      const rows = await database
        .select()
        .from(initSegments)
        .where(eq(initSegments.videoId, videoId));
      return rows.map(({ rendition, bytes, sha256 }) => ({ track: rendition, bytes, sha256 }));
    },

    async recordedSizes(videoId, track) {
      const rows = await database
        .select({ number: segments.number, bytes: segments.bytes })
        .from(segments)
        .where(and(eq(segments.videoId, videoId), eq(segments.rendition, track)));
      return new Map(rows.map(({ number, bytes }) => [number, bytes]));
    },

    async record(achievement) {
      try {
        return await inTransaction(database, (transaction) =>
          recordAchievement(transaction, achievement),
        );
      } catch (error) {
        if (error instanceof InitDiffers) return "differs";
        throw error;
      }
    },

    progress: (videoId, plan) => progressOf(database, videoId, plan),

    async advance(videoId, frontier, playableMs) {
      await database
        .update(videos)
        .set({ frontier, playableMs })
        .where(and(eq(videos.videoId, videoId), lt(videos.frontier, frontier)));
    },

    async beginPackaging(videoId) {
      await database
        .update(videos)
        .set({ status: "packaging" })
        .where(and(eq(videos.videoId, videoId), eq(videos.status, "transcoding")));
      return (await findVideo(videoId))?.status;
    },

    bandwidths: (videoId, plan, minFrames) => bandwidthsOf(database, videoId, plan, minFrames),

    async becomeReady(videoId, durationMs, frontier) {
      await inTransaction(database, async (transaction) => {
        const [ready] = await transaction
          .update(videos)
          .set({
            ...{ status: "ready", durationMs, playableMs: durationMs },
            ...{ frontier, readyAt: new Date() },
          })
          .where(and(eq(videos.videoId, videoId), eq(videos.status, "packaging")))
          .returning({ videoId: videos.videoId });
        if (ready) await recordEvent(transaction, "video.ready", videoId);
      });
    },

    async noteCleaned(videoId) {
      await database
        .update(videos)
        .set({ cleanedAt: sql`now()` })
        .where(and(eq(videos.videoId, videoId), eq(videos.status, "failed")));
    },

    fail: (videoId, { code, message }) =>
      inTransaction(database, async (transaction) => {
        const [failed] = await transaction
          .update(videos)
          .set({ status: "failed", failureCode: code, failureMessage: message })
          .where(
            and(
              eq(videos.videoId, videoId),
              notInArray(videos.status, ["ready", "failed", "deleting"]),
            ),
          )
          .returning({ videoId: videos.videoId });
        if (failed) await recordEvent(transaction, "video.failed", videoId);
        return failed !== undefined;
      }),
  };
};

/** The first chunk, then the sound, then the rest: what a viewer needs first. */
const inOrderOfSending = (rows: readonly (typeof tasks.$inferSelect)[]) => {
  const ranks = ["first", "audio", "metadata", "transcode", "thumbnail"];
  const rank = (row: typeof tasks.$inferSelect) => {
    const spec = taskSpecSchema.parse(row.spec);
    return ranks.indexOf(spec.kind === "transcode" && spec.chunk === 0 ? "first" : spec.kind);
  };
  return rows.toSorted((a, b) => rank(a) - rank(b) || (a.taskId < b.taskId ? -1 : 1));
};
