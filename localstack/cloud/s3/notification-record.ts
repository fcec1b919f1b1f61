import type { NotificationRule } from "./bucket-configuration.ts";

export type EventName =
  | "ObjectCreated:Put"
  | "ObjectCreated:Copy"
  | "ObjectCreated:CompleteMultipartUpload"
  | "ObjectRemoved:Delete"
  | "LifecycleExpiration:Delete";

export interface ObjectEvent {
  readonly name: EventName;
  readonly bucket: string;
  readonly key: string;
  /** Not of a removal. */
  readonly object?: { readonly size: number; readonly etag: string };
  readonly requester: { readonly id: string; readonly address: string; readonly requestId: string };
}

/** Whether a rule asks for an event. */
export function wants(rule: NotificationRule, name: EventName, key: string): boolean {
  return (
    key.startsWith(rule.prefix) &&
    key.endsWith(rule.suffix) &&
    rule.events.some((pattern) => {
      const wanted = pattern.replace(/^s3:/, "");
      return wanted.endsWith(":*") ? name.startsWith(wanted.slice(0, -1)) : wanted === name;
    })
  );
}

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html */
export function notificationBody(
  event: ObjectEvent,
  options: {
    readonly rule: NotificationRule;
    readonly region: string;
    readonly timeMs: number;
    /** Grows with each event, so that two of one key can be put in order. */
    readonly sequence: number;
  },
): string {
  const { requester } = event;
  return JSON.stringify({
    Records: [
      {
        eventVersion: "2.1",
        eventSource: "aws:s3",
        awsRegion: options.region,
        eventTime: new Date(options.timeMs).toISOString(),
        eventName: event.name,
        userIdentity: { principalId: `AWS:${requester.id}` },
        requestParameters: { sourceIPAddress: requester.address },
        responseElements: {
          "x-amz-request-id": requester.requestId,
          "x-amz-id-2": requester.requestId,
        },
        s3: {
          s3SchemaVersion: "1.0",
          configurationId: options.rule.id,
          bucket: {
            name: event.bucket,
            ownerIdentity: { principalId: requester.id },
            arn: `arn:aws:s3:::${event.bucket}`,
          },
          object: {
            key: encodeKey(event.key),
            ...(event.object && { size: event.object.size, eTag: event.object.etag }),
            sequencer: options.sequence.toString(16).toUpperCase().padStart(18, "0"),
          },
        },
      },
    ],
  });
}

/** As a form would: blanks become `+`; slashes stay, as S3 leaves them. */
function encodeKey(key: string): string {
  return encodeURIComponent(key)
    .replace(/%2F/g, "/")
    .replace(/%20/g, "+")
    .replace(/[!'()~]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);
}
