import { z } from "zod";
import { fileMetadataSchema } from "./metadata.ts";

export const videoStatuses = [
  "uploading",
  "planning",
  "transcoding",
  "packaging",
  "ready",
  "failed",
] as const;
export const videoStatusSchema = z.enum(videoStatuses);
export type VideoStatus = z.infer<typeof videoStatusSchema>;

/**
 * How a video's tasks reach their workers: these take them from a queue (`pull`), or a topic starts
 * one for each (`push`). The result is the same.
 */
export const dispatches = ["pull", "push"] as const;
export const dispatchSchema = z.enum(dispatches);
export type Dispatch = z.infer<typeof dispatchSchema>;

/** A public video may be watched by anybody who knows its id, a private one by its owner. */
export const visibilities = ["private", "public"] as const;
export const visibilitySchema = z.enum(visibilities);
export type Visibility = z.infer<typeof visibilitySchema>;

/** Why a video cannot be played, in a sentence for the person who uploaded it. */
export const videoFailureSchema = z.strictObject({ code: z.string(), message: z.string() });

export const renditionProgressSchema = z.strictObject({
  /** For example `720p`, or `audio`. */
  name: z.string(),
  width: z.int().optional(),
  height: z.int().optional(),
  segmentsDone: z.int(),
  segmentsTotal: z.int(),
});

export const videoSchema = z.strictObject({
  videoId: z.uuid(),
  title: z.string(),
  fileName: z.string(),
  status: videoStatusSchema,
  dispatch: dispatchSchema,
  visibility: visibilitySchema,
  /** Bytes; absent while a file of unknown length is still arriving. */
  size: z.int().optional(),
  createdAt: z.iso.datetime(),
  readyAt: z.iso.datetime().optional(),
  durationMs: z.int().optional(),
  width: z.int().optional(),
  height: z.int().optional(),
  /** True from the moment the first segments of all renditions can be read. */
  playable: z.boolean(),
  /** How much can be played from the start, in milliseconds. */
  playableMs: z.int(),
  /** Signed, short-lived path on the edge. */
  posterUrl: z.string().optional(),
  /** Path on the edge of `storyboard.vtt`, opened by the cookies of playback; once it is made. */
  storyboardUrl: z.string().optional(),
  renditions: z.array(renditionProgressSchema),
  failure: videoFailureSchema.optional(),
  /** What the file says of itself; not in lists. */
  metadata: fileMetadataSchema.optional(),
});
export type Video = z.infer<typeof videoSchema>;

/** `GET /api/videos?limit=N&cursor=C`, newest first. */
export const listVideosQuerySchema = z.strictObject({
  limit: z.coerce.number().int().min(1).max(100).default(50),
  cursor: z.string().max(200).optional(),
});

export const listVideosResponseSchema = z.strictObject({
  videos: z.array(videoSchema),
  nextCursor: z.string().optional(),
});
export type ListVideosResponse = z.infer<typeof listVideosResponseSchema>;

/**
 * `POST /api/videos/{videoId}/playback`: the answer sets the three CloudFront cookies with
 * `Path=/videos/{videoId}/`, so that two videos do not overwrite each other's.
 */
export const playbackSchema = z.strictObject({
  /** Path on the edge: `/videos/{videoId}/{planHash}/master.m3u8`. */
  playlist: z.string(),
  expiresAt: z.iso.datetime(),
});
export type Playback = z.infer<typeof playbackSchema>;
