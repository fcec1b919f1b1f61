import { and, eq, isNull, sql } from "drizzle-orm";
import type { Transaction } from "../../platform/database/database.ts";
import { initSegments, segments, tasks, videos } from "../../platform/database/schema.ts";
import type { Achievement } from "../ports.ts";

/** Thrown to roll back: an init segment of another content is recorded. */
export class InitDiffers extends Error {}

/**
 * Everything that one commit adds, within its transaction.
 *
 * @throws InitDiffers
 */
export const recordAchievement = async (
  transaction: Transaction,
  achievement: Achievement,
): Promise<"recorded" | "gone"> => {
  const { videoId, taskId } = achievement;
  // Held until the end: what fails or deletes the video comes before or after, never between.
  const [video] = await transaction
    .select({ status: videos.status })
    .from(videos)
    .where(eq(videos.videoId, videoId))
    .for("share");
  if (!video || video.status === "failed" || video.status === "deleting") return "gone";

  if (achievement.inits.length > 0) {
    await transaction
      .insert(initSegments)
      .values(
        achievement.inits.map(({ track, ...init }) => ({ videoId, rendition: track, ...init })),
      )
      .onConflictDoNothing();
    const recorded = await transaction
      .select()
      .from(initSegments)
      .where(eq(initSegments.videoId, videoId));
    const hashes = new Map(recorded.map(({ rendition, sha256 }) => [rendition, sha256]));
    if (achievement.inits.some(({ track, sha256 }) => hashes.get(track) !== sha256))
      throw new InitDiffers();
  }
  if (achievement.segments.length > 0)
    await transaction
      .insert(segments)
      .values(
        achievement.segments.map(({ track, frames, ...segment }) => ({
          ...segment,
          videoId,
          taskId,
          rendition: track,
          length: frames,
        })),
      )
      .onConflictDoNothing();
  const { poster, storyboard, metadata } = achievement;
  if (poster || storyboard || metadata)
    await transaction
      .update(videos)
      .set({
        ...(poster && { hasPoster: true }),
        ...(storyboard && { hasStoryboard: true }),
        ...(metadata && { metadata }),
      })
      .where(eq(videos.videoId, videoId));
  await transaction
    .update(tasks)
    .set({ seenAt: sql`now()`, ...(achievement.finished && { finishedAt: new Date() }) })
    .where(and(eq(tasks.taskId, taskId), isNull(tasks.finishedAt)));
  return "recorded";
};
