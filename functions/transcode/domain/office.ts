import { fileMetadataSchema } from "@sluice/contracts";
import { z } from "zod";
import { planSchema } from "./plan.ts";
import { storyboardLimits } from "./storyboard.ts";
import { trackSpecSchema } from "./tasks.ts";

/**
 * What the worker may say to the two functions that have rights, and hear from them. The worker
 * runs ffmpeg on a stranger's file, so nothing it says is believed before it was checked.
 */
const credentials = {
  videoId: z.uuid(),
  taskId: z.string().min(1).max(200),
  ticket: z.uuid(),
};

/** At most this many segments of all tracks are leased or claimed at once (Lambda: 6 MB). */
export const maxSegmentsPerLease = 16;
export const maxClaimsPerCommit = 100;
export const maxPosterBytes = 4 * 1024 * 1024;

const segmentNumber = z.int().min(0).max(100_000);
const hash = (digits: number) => z.string().regex(new RegExp(`^[0-9a-f]{${digits}}$`));
const track = z.string().regex(/^[a-z0-9]{1,10}$/);

export const leaseRequestSchema = z.strictObject({
  ...credentials,
  /** Links for segments from this number on; without it, from the task's first. */
  from: segmentNumber.optional(),
});
export type LeaseRequest = z.infer<typeof leaseRequestSchema>;

export const uploadLinkSchema = z.strictObject({
  url: z.url(),
  /** Signed with the link: the PUT must carry exactly these. */
  headers: z.record(z.string(), z.string()),
});
export type UploadLink = z.infer<typeof uploadLinkSchema>;

const granted = {
  state: z.literal("granted"),
  plan: planSchema,
  planHash: z.string(),
  expiresAt: z.iso.datetime(),
};
const readableSchema = z.strictObject({ url: z.url(), bytes: z.int().min(1) });
export type Readable = z.infer<typeof readableSchema>;

/** Of a task that makes segments. */
const trackGrantSchema = z.strictObject({
  ...granted,
  makes: z.literal("tracks"),
  spec: trackSpecSchema,
  source: readableSchema,
  /** What is recorded already is not among them: it need not be sent again. */
  segments: z.array(z.strictObject({ track, number: segmentNumber, link: uploadLinkSchema })),
  inits: z.array(z.strictObject({ track, link: uploadLinkSchema })),
  poster: uploadLinkSchema.optional(),
  /** The lease covers segments below this number. */
  end: segmentNumber,
});
export type TrackGrant = z.infer<typeof trackGrantSchema>;

const storyboardGrantSchema = z.strictObject({
  ...granted,
  makes: z.literal("storyboard"),
  /** Of the video, as they came. */
  totalFrames: z.int().min(1),
  /** The smallest rendition's init segment, then those of its segments that hold a picture. */
  movie: z.array(readableSchema).max(storyboardLimits.maxInputs + 1),
  text: uploadLinkSchema,
  sheets: z.array(uploadLinkSchema).max(storyboardLimits.maxSheets),
});
export type StoryboardGrant = z.infer<typeof storyboardGrantSchema>;

const metadataGrantSchema = z.strictObject({
  ...granted,
  makes: z.literal("metadata"),
  source: readableSchema,
});

export const leaseAnswerSchema = z.discriminatedUnion("state", [
  z.discriminatedUnion("makes", [trackGrantSchema, storyboardGrantSchema, metadataGrantSchema]),
  z.strictObject({ state: z.literal("finished"), planHash: z.string() }),
  /** What the task reads is not made yet; it is sent again when it is. */
  z.strictObject({ state: z.literal("early") }),
  /** The video failed or was deleted, or the ticket is not this task's. */
  z.strictObject({ state: z.literal("gone") }),
]);
export type LeaseAnswer = z.infer<typeof leaseAnswerSchema>;
/** What every grant says. */
export type Granted = Omit<z.infer<typeof metadataGrantSchema>, "makes" | "source">;
export type Grant = Extract<LeaseAnswer, { readonly state: "granted" }>;

export const segmentClaimSchema = z.strictObject({
  track,
  number: segmentNumber,
  bytes: z.int().min(1).max(268_435_456),
  /** MD5 of the bytes, which is the ETag of an object that was put in one piece. */
  md5: hash(32),
  /** Frames of a video segment, AAC frames of a sound segment. */
  frames: z.int().min(1).max(1_000_000),
});
export type SegmentClaim = z.infer<typeof segmentClaimSchema>;

export const initClaimSchema = z.strictObject({
  track,
  bytes: z.int().min(1).max(65_536),
  md5: hash(32),
  sha256: hash(64),
});
export type InitClaim = z.infer<typeof initClaimSchema>;

/** Of an object that is claimed beside the segments. */
const fileClaim = (maxBytes: number) =>
  z.strictObject({ bytes: z.int().min(1).max(maxBytes), md5: hash(32) });
export type FileClaim = z.infer<ReturnType<typeof fileClaim>>;

const storyboardClaimSchema = z.strictObject({
  text: fileClaim(storyboardLimits.maxTextBytes),
  sheets: z.array(fileClaim(storyboardLimits.maxSheetBytes)).min(1).max(storyboardLimits.maxSheets),
});

export const commitRequestSchema = z.strictObject({
  ...credentials,
  /** Names the keys, also when the plan is gone with its video. */
  planHash: hash(16),
  segments: z.array(segmentClaimSchema).max(maxClaimsPerCommit),
  inits: z.array(initClaimSchema).max(8),
  poster: fileClaim(maxPosterBytes).optional(),
  storyboard: storyboardClaimSchema.optional(),
  metadata: fileMetadataSchema.optional(),
  finished: z.boolean(),
  /** The worker's verdict that the task cannot be done; the video fails. */
  failure: z.enum(["undecodable", "gave-up"]).optional(),
});
export type CommitRequest = z.infer<typeof commitRequestSchema>;

export const commitAnswerSchema = z.strictObject({
  /**
   * `recorded`: it holds. `refused`: something claimed is not there, or not as claimed; what was
   * wrong has been removed, and the task should be tried again. `gone`: stop, nobody wants it.
   */
  state: z.enum(["recorded", "refused", "gone"]),
  reason: z.string().optional(),
});
export type CommitAnswer = z.infer<typeof commitAnswerSchema>;
