import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import type { MediaStore, TaskFile } from "../ports.ts";
import { claimStartBytes, segmentFault } from "./claims.ts";
import { jpegSize } from "./jpeg.ts";
import { mediaKeys } from "./keys.ts";
import type { CommitRequest, FileClaim } from "./office.ts";
import { type Storyboard, storyboardText } from "./storyboard.ts";
import { writesInits } from "./tasks.ts";

const maxInitBytes = 65_536;
/** ffmpeg writes a picture's size within its first 700 bytes. */
const jpegStartBytes = 4_096;

export interface ObjectFault {
  readonly key: string;
  readonly reason: string;
}

/** What a claim says of one object, and how its first bytes are judged. */
interface Look {
  readonly key: string;
  readonly claim: FileClaim;
  readonly startBytes: number;
  readonly judge: (start: Uint8Array) => string | undefined;
}

const looksAtStoryboard = (
  keys: ReturnType<typeof mediaKeys>,
  claim: NonNullable<CommitRequest["storyboard"]>,
  expected: Storyboard,
): Look[] => {
  const text = new TextEncoder().encode(storyboardText(expected));
  const width = expected.columns * expected.width;
  const height = expected.rows * expected.height;
  return [
    {
      key: keys.storyboard,
      claim: claim.text,
      startBytes: text.length,
      judge: (start) =>
        claim.text.bytes === text.length && Buffer.compare(start, text) === 0
          ? undefined
          : "it is not the text that belongs to this plan",
    },
    ...claim.sheets.map((sheet, index) => ({
      key: keys.storyboardSheet(index),
      claim: sheet,
      startBytes: jpegStartBytes,
      judge: (start: Uint8Array) => {
        const size = jpegSize(start);
        return size?.width === width && size.height === height
          ? undefined
          : `it is no JPEG of ${width}×${height} pixels`;
      },
    })),
  ];
};

/**
 * Answers what is wrong with what lies in the bucket, by key.
 *
 * @param storyboard as it must be, when one is claimed
 */
export const objectFaults = async (
  media: MediaStore,
  file: TaskFile,
  request: CommitRequest,
  storyboard: Storyboard | undefined,
): Promise<ObjectFault[]> => {
  const keys = mediaKeys(request.videoId, file.stored.planHash);
  const inits = writesInits(file.task.spec) ? request.inits : [];
  const looks: Look[] = [
    ...request.segments.map((claim) => ({
      key: keys.segment(claim.track, claim.number),
      claim,
      startBytes: claimStartBytes,
      judge: (start: Uint8Array) => segmentFault(file.stored.plan, claim, start),
    })),
    ...inits.map((claim) => ({
      key: keys.init(claim.track),
      claim,
      startBytes: maxInitBytes,
      judge: (start: Uint8Array) =>
        createHash("sha256").update(start).digest("hex") === claim.sha256
          ? undefined
          : "its SHA-256 is not what was claimed",
    })),
    ...(request.poster
      ? [
          {
            key: keys.poster,
            claim: request.poster,
            startBytes: jpegStartBytes,
            judge: (start: Uint8Array) => (jpegSize(start) ? undefined : "it is no JPEG"),
          },
        ]
      : []),
    ...(request.storyboard && storyboard
      ? looksAtStoryboard(keys, request.storyboard, storyboard)
      : []),
  ];
  const faults = await Promise.all(looks.map((look) => faultOf(media, look)));
  return faults.filter((fault) => fault !== undefined);
};

const faultOf = async (
  media: MediaStore,
  { key, claim, startBytes, judge }: Look,
): Promise<ObjectFault | undefined> => {
  const head = await media.head(key, startBytes);
  if (!head) return { key, reason: "it is not there" };
  if (head.bytes !== claim.bytes || head.etag !== claim.md5)
    return { key, reason: "its content is not what was claimed" };
  const reason = judge(head.start);
  return reason === undefined ? undefined : { key, reason };
};
