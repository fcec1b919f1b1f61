import { and, eq, ne } from "drizzle-orm";
import type { Database } from "../../platform/database/database.ts";
import { videos } from "../../platform/database/schema.ts";
import type { VideoStates } from "../ports.ts";

export const postgresVideoStates = (database: Database): VideoStates => ({
  async find(owner, videoId) {
    const [row] = await database
      .select({ status: videos.status, frontier: videos.frontier, planHash: videos.planHash })
      .from(videos)
      .where(
        and(eq(videos.videoId, videoId), eq(videos.owner, owner), ne(videos.status, "deleting")),
      );
    return row && { ...row, planHash: row.planHash ?? undefined };
  },
});
