import { z } from "zod";
import { plainText } from "./plain-text.ts";
import { videoStatusSchema, visibilitySchema } from "./video.ts";

/** `PATCH /api/videos/{videoId}`; answers the video. A public one may be watched by anybody. */
export const updateVideoRequestSchema = z
  .strictObject({
    title: plainText(200).optional(),
    visibility: visibilitySchema.optional(),
  })
  .refine((request) => Object.keys(request).length > 0, "Say what is to change.");
export type UpdateVideoRequest = z.infer<typeof updateVideoRequestSchema>;

export const linkLimits = {
  minSeconds: 60,
  maxSeconds: 366 * 24 * 60 * 60,
  /** That have not expired, of one video. */
  maxLinks: 100,
} as const;

/** `POST /api/videos/{videoId}/links`. */
export const createLinkRequestSchema = z.strictObject({
  expiresInSeconds: z.int().min(linkLimits.minSeconds).max(linkLimits.maxSeconds),
  /** For the owner, to tell links apart. */
  label: plainText(100).optional(),
});
export type CreateLinkRequest = z.infer<typeof createLinkRequestSchema>;

/** Whoever has the address may watch the video until it expires or the owner revokes it. */
export const playbackLinkSchema = z.strictObject({
  linkId: z.uuid(),
  label: z.string().optional(),
  /** Path on the edge, for any player: `/play/{token}/{planHash}/master.m3u8`. */
  playlist: z.string(),
  createdAt: z.iso.datetime(),
  expiresAt: z.iso.datetime(),
});
export type PlaybackLink = z.infer<typeof playbackLinkSchema>;

/** `GET /api/videos/{videoId}/links`: those that have not expired, newest first. */
export const listLinksResponseSchema = z.strictObject({ links: z.array(playbackLinkSchema) });
export type ListLinksResponse = z.infer<typeof listLinksResponseSchema>;

/** `GET /api/public/videos/{videoId}`, without a token: a public video, as anybody may see it. */
export const publicVideoSchema = z.strictObject({
  videoId: z.uuid(),
  title: z.string(),
  status: videoStatusSchema,
  createdAt: z.iso.datetime(),
  durationMs: z.int().optional(),
  width: z.int().optional(),
  height: z.int().optional(),
  playable: z.boolean(),
  /** How much can be played from the start, in milliseconds. */
  playableMs: z.int(),
  /** Path on the edge, once it is playable; it needs no cookie. */
  playlist: z.string().optional(),
  posterUrl: z.string().optional(),
  storyboardUrl: z.string().optional(),
  /** Of these addresses; ask again for later ones. */
  expiresAt: z.iso.datetime(),
});
export type PublicVideo = z.infer<typeof publicVideoSchema>;
