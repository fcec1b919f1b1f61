import { planMessageSchema } from "@sluice/contracts";
import { z } from "zod";
import { videoIdOfSourceKey } from "./keys.ts";

/** Sent once by S3 when a notification is set up. */
const testEventSchema = z.object({ Event: z.literal("s3:TestEvent") });

/** Of S3's records the fields that matter; AWS adds others with minor versions of the format. */
const notificationSchema = z.object({
  Records: z
    .array(
      z.object({
        eventSource: z.literal("aws:s3"),
        eventName: z.string().startsWith("ObjectCreated:"),
        s3: z.object({ object: z.object({ key: z.string().min(1).max(3_072) }) }),
      }),
    )
    .max(1_000),
});

/** What comes by the ingest queue. */
export const arrivalSchema = z.union([planMessageSchema, testEventSchema, notificationSchema]);
export type Arrival = z.infer<typeof arrivalSchema>;

/** "Object key names are URL encoded, and a space is a plus" (S3, event message structure). */
const decodeKey = (key: string): string => decodeURIComponent(key.replaceAll("+", " "));

/**
 * The videos whose sources arrived.
 *
 * @throws Error for a key that is no source: the notification is set up wrongly
 */
export const videosOf = (arrival: Arrival): string[] => {
  if ("videoId" in arrival) return [arrival.videoId];
  if (!("Records" in arrival)) return [];
  return arrival.Records.map(({ s3 }) => {
    const videoId = videoIdOfSourceKey(decodeKey(s3.object.key));
    if (!videoId) throw new Error("S3 reported an object that is no source.");
    return videoId;
  });
};
