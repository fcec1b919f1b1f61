import { and, eq, isNotNull, isNull, or, sql } from "drizzle-orm";
import { alias } from "drizzle-orm/pg-core";
import type { Database } from "../../platform/database/database.ts";
import { segments, tasks } from "../../platform/database/schema.ts";
import { audioTrack, type Plan } from "../domain/plan.ts";
import type { Bandwidth } from "../domain/playlists.ts";
import { taskSpecSchema } from "../domain/tasks.ts";
import { audioRate, samplesPerAacFrame } from "../domain/timeline.ts";
import type { Progress } from "../ports.ts";
import { runsOf } from "./segment-runs.ts";

/** How far the tasks of a video have come. */
export const progressOf = async (
  database: Database,
  videoId: string,
  plan: Plan,
): Promise<Progress> => {
  // First: a task that ends meanwhile is then among the finished ones too, never in neither.
  const unfinished = await database
    .selectDistinct({ kind: tasks.kind })
    .from(tasks)
    .where(and(eq(tasks.videoId, videoId), isNull(tasks.finishedAt)));
  const next = alias(segments, "next_segment");
  const previous = alias(segments, "previous_segment");
  const neighbour = (other: typeof next | typeof previous, distance: 1 | -1) =>
    and(
      eq(other.videoId, segments.videoId),
      eq(other.rendition, segments.rendition),
      eq(other.number, sql`${segments.number} + ${sql.raw(String(distance))}`),
    );
  // Only where a run begins or ends: a film has thousands of segments, and few gaps.
  const borders = await database
    .select({
      track: segments.rendition,
      number: segments.number,
      begins: isNull(previous.number),
      ends: isNull(next.number),
    })
    .from(segments)
    .leftJoin(next, neighbour(next, 1))
    .leftJoin(previous, neighbour(previous, -1))
    .where(and(eq(segments.videoId, videoId), or(isNull(next.number), isNull(previous.number))));
  const finished = await database
    .select({
      spec: tasks.spec,
      frames: sql<string>`coalesce(sum(${segments.length}), 0)`,
    })
    .from(tasks)
    .leftJoin(
      segments,
      and(
        eq(segments.videoId, tasks.videoId),
        eq(segments.taskId, tasks.taskId),
        eq(segments.rendition, plan.renditions[0]?.name ?? ""),
      ),
    )
    .where(and(eq(tasks.videoId, videoId), isNotNull(tasks.finishedAt)))
    .groupBy(tasks.taskId);
  const specs = finished.map(({ spec, frames }) => ({
    spec: taskSpecSchema.parse(spec),
    frames: Number(frames),
  }));
  return {
    runs: runsOf(borders.map((row) => ({ ...row, begins: !!row.begins, ends: !!row.ends }))),
    finishedChunks: specs.flatMap(({ spec, frames }) =>
      spec.kind === "transcode" ? [{ chunk: spec.chunk, frames }] : [],
    ),
    unfinished: new Set(unfinished.map(({ kind }) => kind)),
  };
};

/** What the recorded segments of each track measure, in bits a second. */
export const bandwidthsOf = async (
  database: Database,
  videoId: string,
  plan: Plan,
  minFrames: number,
): Promise<Map<string, Bandwidth>> => {
  const rows = await database
    .select({
      track: segments.rendition,
      bytes: sql<string>`sum(${segments.bytes})`,
      length: sql<string>`sum(${segments.length})`,
      peak: sql<
        string | null
      >`max(${segments.bytes}::float8 / ${segments.length}) filter (where ${segments.length} >= ${minFrames})`,
    })
    .from(segments)
    .where(eq(segments.videoId, videoId))
    .groupBy(segments.rendition);
  const { rate } = plan.timeline;
  return new Map(
    rows.map(({ track, bytes, length, peak }) => {
      const unitsPerSecond =
        track === audioTrack ? audioRate / samplesPerAacFrame : rate.num / rate.den;
      const bitsPerUnit = (Number(bytes) * 8) / Number(length);
      const average = bitsPerUnit * unitsPerSecond;
      return [track, { average, peak: Math.max(average, Number(peak) * 8 * unitsPerSecond) }];
    }),
  );
};
