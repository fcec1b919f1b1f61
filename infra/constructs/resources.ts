import type { Bucket } from "aws-cdk-lib/aws-s3";
import type { Topic } from "aws-cdk-lib/aws-sns";
import type { Target } from "../targets.ts";
import type { ConsumerQueue } from "./consumer-queue.ts";
import type { DatabaseAccess } from "./database-access.ts";
import type { PlaybackLinks } from "./path-token-links.ts";
import type { PlaybackSigner } from "./playback-key.ts";

/** What the functions of the capabilities work with. */
export interface Resources {
  readonly target: Target;
  readonly sourceBucket: Bucket;
  readonly mediaBucket: Bucket;
  readonly ingestQueue: ConsumerQueue;
  readonly taskQueue: ConsumerQueue;
  readonly packageQueue: ConsumerQueue;
  /** Starts workers of videos that are pushed. */
  readonly taskTopic: Topic;
  readonly failedTasks: ConsumerQueue;
  readonly webhookQueue: ConsumerQueue;
  readonly database: DatabaseAccess;
  readonly playback: PlaybackSigner;
  /** Undefined where no edge runs functions: there are no links then. */
  readonly links: PlaybackLinks | undefined;
}
