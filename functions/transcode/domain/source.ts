import { z } from "zod";
import { rationalSchema } from "./rational.ts";

/** What was found out about a source before any work is planned on it. Seconds count from its start. */
export const sourceSchema = z.strictObject({
  bytes: z.int().min(1),
  /** ffmpeg's demuxer, for example `mov,mp4,m4a,3gp,3g2,mj2`. */
  format: z.string(),
  /** Undefined for sound alone; at least one of both is there. */
  video: z
    .strictObject({
      streamIndex: z.int().min(0),
      codec: z.string(),
      /** As shown: rotated by the display matrix, pixels square. */
      width: z.int().min(1),
      height: z.int().min(1),
      rate: rationalSchema,
      interlaced: z.boolean(),
      /** PQ or HLG: tone-mapped, since the renditions are SDR. */
      highDynamicRange: z.boolean(),
      firstFrameSeconds: z.number(),
      endSeconds: z.number().positive(),
      /** The longest distance between keyframes that was seen. */
      keyframeSeconds: z.number().min(0),
    })
    .optional(),
  audio: z
    .strictObject({
      streamIndex: z.int().min(0),
      /** ISO 639, checked; undefined when unknown. */
      language: z.string().optional(),
      endSeconds: z.number().optional(),
    })
    .optional(),
  /** A picture that goes with sound alone. */
  cover: z.strictObject({ streamIndex: z.int().min(0) }).optional(),
});
export type Source = z.infer<typeof sourceSchema>;
/** The moving picture of a source that has one. */
export type Picture = NonNullable<Source["video"]>;
