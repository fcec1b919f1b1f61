import { fileMetadataSchema, videoStatusSchema } from "@sluice/contracts";
import { and, count, desc, eq, getTableColumns, inArray, ne, sql } from "drizzle-orm";
import type { z } from "zod";
import type { Database } from "../../platform/database/database.ts";
import { plans, segments, uploads, videos } from "../../platform/database/schema.ts";
import { audioTrack, planSchema } from "../../transcode/domain/plan.ts";
import { segmentCount } from "../../transcode/domain/timeline.ts";
import type { PagePosition, RenditionRecord, VideoRecord, VideoStore } from "../ports.ts";

/** Some kilobytes a video, which a page has no use for. */
const { metadata: metadataColumn, ...listedColumns } = getTableColumns(videos);
type VideoRow = Omit<typeof videos.$inferSelect, "metadata"> & { readonly metadata?: unknown };

export const postgresVideoStore = (database: Database): VideoStore => {
  const visibleTo = (owner: string) => and(eq(videos.owner, owner), ne(videos.status, "deleting"));

  const withProgress = async (rows: readonly VideoRow[]): Promise<VideoRecord[]> => {
    const ids = rows.filter((row) => row.planHash !== null).map((row) => row.videoId);
    if (ids.length === 0) return rows.map((row) => recordOf(row, []));
    const [tracks, done] = await Promise.all([
      plannedTracks(database, ids),
      finishedSegments(database, ids),
    ]);
    return rows.map((row) => {
      const renditions = (tracks.get(row.videoId) ?? []).map((track) => ({
        ...track,
        segmentsDone: done.get(`${row.videoId}/${track.name}`) ?? 0,
      }));
      return recordOf(row, renditions);
    });
  };

  /** Its id at the store. One that was aborted may still be there, when the abort was cut off. */
  const openUploadOf = async (videoId: string) => {
    const [upload] = await database
      .select({ storageId: uploads.s3UploadId })
      .from(uploads)
      .where(and(eq(uploads.videoId, videoId), ne(uploads.state, "completed")));
    return upload?.storageId ?? undefined;
  };

  return {
    async page(owner, limit, after) {
      const rows = await database
        .select(listedColumns)
        .from(videos)
        .where(and(visibleTo(owner), after && olderThan(after)))
        .orderBy(desc(videos.createdAt), desc(videos.videoId))
        .limit(limit);
      return withProgress(rows);
    },

    async find(owner, videoId) {
      const rows = await database
        .select({ ...listedColumns, metadata: metadataColumn })
        .from(videos)
        .where(and(visibleTo(owner), eq(videos.videoId, videoId)));
      return (await withProgress(rows))[0];
    },

    async rename(owner, videoId, title) {
      const found = await database
        .update(videos)
        .set({ title })
        .where(and(visibleTo(owner), eq(videos.videoId, videoId)))
        .returning({ videoId: videos.videoId });
      return found.length > 0;
    },

    async beginDeletion(owner, videoId) {
      const [video] = await database
        .update(videos)
        .set({ status: "deleting" })
        .where(and(eq(videos.owner, owner), eq(videos.videoId, videoId)))
        .returning({ videoId: videos.videoId });
      return video && { storageId: await openUploadOf(videoId) };
    },

    async findDeletion(videoId) {
      const [video] = await database
        .select({ videoId: videos.videoId })
        .from(videos)
        .where(and(eq(videos.videoId, videoId), eq(videos.status, "deleting")));
      return video && { storageId: await openUploadOf(videoId) };
    },

    async remove(videoId) {
      await database
        .delete(videos)
        .where(and(eq(videos.videoId, videoId), eq(videos.status, "deleting")));
    },
  };
};

/** A row comparison, so that the index by owner finds the page at once. */
const olderThan = ({ createdAt, videoId }: PagePosition) =>
  sql`(${videos.createdAt}, ${videos.videoId}) < (${createdAt.toISOString()}::timestamptz, ${videoId}::uuid)`;

type Track = Omit<RenditionRecord, "segmentsDone">;

const shownOfPlan = planSchema.pick({ renditions: true, hasAudio: true, timeline: true });

/** Only what is shown leaves the database: an answer of the Data API holds at most 1 MiB. */
const plannedTracks = async (database: Database, ids: readonly string[]) => {
  const rows = await database
    .select({
      videoId: plans.videoId,
      shown: sql<string>`jsonb_build_object(
        'renditions', ${plans.plan}->'renditions',
        'hasAudio', ${plans.plan}->'hasAudio',
        'timeline', ${plans.plan}->'timeline')::text`,
    })
    .from(plans)
    .where(inArray(plans.videoId, [...ids]));
  return new Map(
    rows.map((row) => [row.videoId, tracksOf(shownOfPlan.parse(JSON.parse(row.shown)))]),
  );
};

const tracksOf = (plan: z.infer<typeof shownOfPlan>): Track[] => {
  const segmentsTotal = segmentCount(plan.timeline);
  return [
    ...plan.renditions.map(({ name, width, height }) => ({ name, width, height, segmentsTotal })),
    ...(plan.hasAudio ? [{ name: audioTrack, segmentsTotal }] : []),
  ];
};

/** By video and rendition: `{videoId}/{rendition}`. */
const finishedSegments = async (database: Database, ids: readonly string[]) => {
  const rows = await database
    .select({ videoId: segments.videoId, rendition: segments.rendition, done: count() })
    .from(segments)
    .where(inArray(segments.videoId, [...ids]))
    .groupBy(segments.videoId, segments.rendition);
  return new Map(rows.map((row) => [`${row.videoId}/${row.rendition}`, row.done]));
};

const recordOf = (row: VideoRow, renditions: readonly RenditionRecord[]): VideoRecord => ({
  videoId: row.videoId,
  title: row.title,
  fileName: row.fileName,
  status: videoStatusSchema.parse(row.status),
  dispatch: row.dispatch,
  isPublic: row.publicLinkId !== null,
  size: row.sourceBytes ?? undefined,
  createdAt: row.createdAt,
  readyAt: row.readyAt ?? undefined,
  durationMs: row.durationMs ?? undefined,
  width: row.width ?? undefined,
  height: row.height ?? undefined,
  planHash: row.planHash ?? undefined,
  frontier: row.frontier,
  playableMs: row.playableMs,
  hasPoster: row.hasPoster,
  hasStoryboard: row.hasStoryboard,
  renditions,
  failure:
    row.failureCode === null
      ? undefined
      : { code: row.failureCode, message: row.failureMessage ?? "" },
  metadata: row.metadata ? fileMetadataSchema.parse(row.metadata) : undefined,
});
