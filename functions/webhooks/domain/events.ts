import {
  type WebhookEventType,
  type WebhookPayload,
  webhookPayloadSchema,
  webhookTestType,
} from "@sluice/contracts";

/** What is told of a video: never a link or a key, so that whoever reads it can do nothing with it. */
export interface VideoFacts {
  readonly videoId: string;
  readonly uploadId: string;
  readonly title: string;
  readonly fileName: string;
  /** Bytes of the source; known when the upload is complete. */
  readonly size: number | undefined;
  readonly durationMs: number | undefined;
  readonly width: number | undefined;
  readonly height: number | undefined;
  readonly failure: { readonly code: string; readonly message: string } | undefined;
}

/** The body of an event as it is kept, signed and sent: the same bytes at every attempt. */
export const eventBody = (type: WebhookEventType, at: Date, video: VideoFacts): string =>
  bodyOf({ type, ...envelope(at), ...dataOf(type, video) } as WebhookPayload);

export const testBody = (at: Date, webhookId: string): string =>
  bodyOf({ type: webhookTestType, ...envelope(at), data: { webhookId } });

const envelope = (at: Date) => ({ version: 1 as const, timestamp: at.toISOString() });

const bodyOf = (payload: WebhookPayload) => JSON.stringify(webhookPayloadSchema.parse(payload));

const dataOf = (type: WebhookEventType, video: VideoFacts) => {
  const { videoId, title, fileName } = video;
  const about = { videoId, title, fileName };
  switch (type) {
    case "upload.completed":
      return { data: { ...about, uploadId: video.uploadId, size: video.size } };
    case "video.ready": {
      const { durationMs, width, height } = video;
      return {
        data: {
          ...about,
          status: "ready",
          durationMs,
          ...(width !== undefined && height !== undefined && { width, height }),
        },
      };
    }
    case "video.failed":
      return { data: { ...about, status: "failed", failure: video.failure } };
  }
};
