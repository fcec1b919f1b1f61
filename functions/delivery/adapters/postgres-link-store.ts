import { and, count, desc, eq, gt, inArray, lt, ne, sql } from "drizzle-orm";
import type { Database, Transaction } from "../../platform/database/database.ts";
import { playbackLinks, videos } from "../../platform/database/schema.ts";
import { inTransaction } from "../../platform/database/transaction.ts";
import type { LinkRecord, LinkStore, Publications, RevocationLedger } from "../ports.ts";

const record = {
  linkId: playbackLinks.linkId,
  label: playbackLinks.label,
  createdAt: playbackLinks.createdAt,
  expiresAt: playbackLinks.expiresAt,
};
const recordOf = ({
  label,
  ...row
}: Pick<typeof playbackLinks.$inferSelect, keyof typeof record>): LinkRecord => ({
  ...row,
  label: label ?? undefined,
});

/** A revoked link that has not been told to the edge stays in sight: it still opens. */
const standing = (videoId: string, now: Date) =>
  and(
    eq(playbackLinks.videoId, videoId),
    ne(playbackLinks.state, "revoked"),
    gt(playbackLinks.expiresAt, now),
  );

export const postgresLinkStore = (database: Database): LinkStore => ({
  async add(link, limit, now) {
    // Two at once may go one over the limit, which only keeps a list short.
    const [found] = await database
      .select({ links: count() })
      .from(playbackLinks)
      .where(standing(link.videoId, now));
    if ((found?.links ?? 0) >= limit) return undefined;
    const [row] = await database
      .insert(playbackLinks)
      .values({ ...link, label: link.label ?? null })
      .returning(record);
    return row && recordOf(row);
  },

  async list(videoId, now) {
    const rows = await database
      .select(record)
      .from(playbackLinks)
      .where(standing(videoId, now))
      .orderBy(desc(playbackLinks.createdAt), playbackLinks.linkId);
    return rows.map(recordOf);
  },

  async beginRevocation(videoId, linkId, now) {
    const found = await database
      .update(playbackLinks)
      .set({ state: sql`CASE state WHEN 'valid' THEN 'revoking' ELSE state END` })
      .where(
        and(
          eq(playbackLinks.videoId, videoId),
          eq(playbackLinks.linkId, linkId),
          gt(playbackLinks.expiresAt, now),
        ),
      )
      .returning({ linkId: playbackLinks.linkId });
    return found.length > 0;
  },

  beginRevocationOfAll: (videoId, now, publicEnd) =>
    inTransaction(database, async (transaction) => {
      const [video] = await transaction
        .select({ publicLinkId: videos.publicLinkId })
        .from(videos)
        .where(eq(videos.videoId, videoId))
        .for("update");
      await withdrawPublicLink(transaction, videoId, video?.publicLinkId ?? null, publicEnd);
      await transaction
        .update(playbackLinks)
        .set({ state: "revoking" })
        .where(
          and(
            eq(playbackLinks.videoId, videoId),
            eq(playbackLinks.state, "valid"),
            gt(playbackLinks.expiresAt, now),
          ),
        );
    }),
});

export const postgresRevocationLedger = (database: Database): RevocationLedger => ({
  pending: (limit) =>
    database
      .select({ linkId: playbackLinks.linkId, expiresAt: playbackLinks.expiresAt })
      .from(playbackLinks)
      .where(eq(playbackLinks.state, "revoking"))
      .limit(limit),

  async finish(linkIds) {
    await database
      .update(playbackLinks)
      .set({ state: "revoked" })
      .where(inArray(playbackLinks.linkId, [...linkIds]));
  },

  async ended(end, limit) {
    const rows = await database
      .select({ linkId: playbackLinks.linkId, state: playbackLinks.state })
      .from(playbackLinks)
      .where(lt(playbackLinks.expiresAt, end))
      .limit(limit);
    return rows.map(({ linkId, state }) => ({ linkId, told: state !== "valid" }));
  },

  async forget(linkIds) {
    await database.delete(playbackLinks).where(inArray(playbackLinks.linkId, [...linkIds]));
  },
});

export const postgresPublications = (database: Database): Publications => {
  const own = (owner: string, videoId: string) =>
    and(eq(videos.owner, owner), eq(videos.videoId, videoId), ne(videos.status, "deleting"));

  return {
    async publish(owner, videoId, linkId) {
      const found = await database
        .update(videos)
        .set({ publicLinkId: sql`coalesce(public_link_id, ${linkId}::uuid)` })
        .where(own(owner, videoId))
        .returning({ videoId: videos.videoId });
      return found.length > 0;
    },

    withdraw: (owner, videoId, end) =>
      inTransaction(database, async (transaction) => {
        const [video] = await transaction
          .select({ publicLinkId: videos.publicLinkId })
          .from(videos)
          .where(own(owner, videoId))
          .for("update");
        if (!video) return false;
        await withdrawPublicLink(transaction, videoId, video.publicLinkId, end);
        return true;
      }),

    async find(videoId) {
      const [row] = await database
        .select({
          videoId: videos.videoId,
          title: videos.title,
          status: videos.status,
          frontier: videos.frontier,
          planHash: videos.planHash,
          createdAt: videos.createdAt,
          durationMs: videos.durationMs,
          width: videos.width,
          height: videos.height,
          playableMs: videos.playableMs,
          hasPoster: videos.hasPoster,
          hasStoryboard: videos.hasStoryboard,
          publicLinkId: videos.publicLinkId,
        })
        .from(videos)
        .where(and(eq(videos.videoId, videoId), ne(videos.status, "deleting")));
      if (!row || row.publicLinkId === null) return undefined;
      return {
        ...row,
        publicLinkId: row.publicLinkId,
        planHash: row.planHash ?? undefined,
        durationMs: row.durationMs ?? undefined,
        width: row.width ?? undefined,
        height: row.height ?? undefined,
      };
    },
  };
};

const withdrawPublicLink = async (
  transaction: Transaction,
  videoId: string,
  linkId: string | null,
  expiresAt: Date,
): Promise<void> => {
  if (linkId === null) return;
  await transaction.update(videos).set({ publicLinkId: null }).where(eq(videos.videoId, videoId));
  await transaction.insert(playbackLinks).values({ linkId, videoId, state: "revoking", expiresAt });
};
