import type {
  Dispatch,
  FileMetadata,
  PackageMessage,
  TaskKind,
  TaskMessage,
} from "@sluice/contracts";
import type { Failure } from "./domain/failure.ts";
import type { RecordedRuns } from "./domain/frontier.ts";
import type {
  CommitAnswer,
  CommitRequest,
  LeaseAnswer,
  LeaseRequest,
  UploadLink,
} from "./domain/office.ts";
import type { ChunkResult } from "./domain/outcome.ts";
import type { Plan } from "./domain/plan.ts";
import type { Bandwidth } from "./domain/playlists.ts";
import type { Source } from "./domain/source.ts";
import type { Storyboard } from "./domain/storyboard.ts";
import type { PlannedTask, TaskSpec } from "./domain/tasks.ts";

export type { Log } from "../platform/logging.ts";

export type VideoStatus =
  | "uploading"
  | "planning"
  | "transcoding"
  | "packaging"
  | "ready"
  | "failed"
  | "deleting";

export interface VideoState {
  readonly videoId: string;
  readonly fileName: string;
  readonly status: VideoStatus;
  readonly dispatch: Dispatch;
  readonly correlationId: string;
  readonly frontier: number;
}

export interface StoredPlan {
  readonly planHash: string;
  readonly sourceEtag: string;
  readonly plan: Plan;
}

export interface StoredTask {
  readonly taskId: string;
  readonly ticket: string;
  readonly spec: TaskSpec;
  readonly finished: boolean;
  /** How often a worker leased it. */
  readonly attempts: number;
}

/** What a task needs to be judged: itself, its video and the plan it belongs to. */
export interface TaskFile {
  readonly task: StoredTask;
  readonly video: VideoState;
  readonly stored: StoredPlan;
}

export interface SegmentRecord {
  readonly track: string;
  readonly number: number;
  readonly bytes: number;
  /** Frames or AAC frames. */
  readonly frames: number;
  readonly etag: string;
}

export interface InitRecord {
  readonly track: string;
  readonly bytes: number;
  readonly sha256: string;
}

/** What one commit adds; recorded whole or not at all, and the same again changes nothing. */
export interface Achievement {
  readonly videoId: string;
  readonly taskId: string;
  readonly segments: readonly SegmentRecord[];
  readonly inits: readonly InitRecord[];
  readonly poster: boolean;
  readonly storyboard: boolean;
  readonly metadata?: FileMetadata;
  readonly finished: boolean;
}

export interface Progress {
  readonly runs: RecordedRuns;
  readonly finishedChunks: readonly ChunkResult[];
  /** Kinds of the tasks that are still to do: with none of them the video is made. */
  readonly unfinished: ReadonlySet<TaskKind>;
}

/** The database, in the words of the pipeline. Every method may be called again with no other effect. */
export interface PipelineStore {
  findVideo(videoId: string): Promise<VideoState | undefined>;
  findPlan(videoId: string): Promise<StoredPlan | undefined>;
  /**
   * One transaction; a plan that is there already stays. The video shows its planned length and its
   * size from then on. Answers what is stored.
   */
  savePlan(videoId: string, stored: StoredPlan, tasks: readonly PlannedTask[]): Promise<StoredPlan>;
  unfinishedTasks(videoId: string): Promise<StoredTask[]>;
  /** One that is finished, whichever. */
  finishedTask(videoId: string): Promise<StoredTask | undefined>;
  findTask(taskId: string): Promise<TaskFile | undefined>;
  /** The tasks are on their way to workers, and may be waited for. */
  noteDispatch(taskIds: readonly string[]): Promise<void>;
  /** The tasks are with nobody: the sweeper need not wait before it sends them. */
  forgetDispatch(taskIds: readonly string[]): Promise<void>;
  /** A worker leased the task: a sign of life, as each record is. */
  countAttempt(taskId: string): Promise<void>;
  /** Of the tracks, segments in [first, end) that are recorded: `track/number`. */
  recordedSegments(videoId: string, first: number, end: number): Promise<ReadonlySet<string>>;
  recordedInits(videoId: string): Promise<InitRecord[]>;
  /** Bytes of a track's recorded segments, by number. */
  recordedSizes(videoId: string, track: string): Promise<ReadonlyMap<number, number>>;
  /** `differs` when an init segment of another content is recorded: nothing is changed then. */
  record(achievement: Achievement): Promise<"recorded" | "differs" | "gone">;
  progress(videoId: string, plan: Plan): Promise<Progress>;
  /** Never moves backwards. */
  advance(videoId: string, frontier: number, playableMs: number): Promise<void>;
  /** `transcoding → packaging`. Answers the status afterwards. */
  beginPackaging(videoId: string): Promise<VideoStatus | undefined>;
  /** @param minFrames segments shorter than this have no say in the peak */
  bandwidths(videoId: string, plan: Plan, minFrames: number): Promise<Map<string, Bandwidth>>;
  /** `packaging → ready`. @param durationMs what was made, which replaces what was planned */
  becomeReady(videoId: string, durationMs: number, segments: number): Promise<void>;
  /** Of a video that failed its source and all that was made are gone. */
  noteCleaned(videoId: string): Promise<void>;
  /** Answers false when the video is gone, ready or failed already. */
  fail(videoId: string, failure: Failure): Promise<boolean>;
}

export interface SourceObject {
  readonly bytes: number;
  readonly etag: string;
}

export interface SourceStore {
  describe(videoId: string): Promise<SourceObject | undefined>;
  /** Bytes [first, end) of the source. */
  read(videoId: string, first: number, end: number, signal?: AbortSignal): Promise<Uint8Array>;
  remove(videoId: string): Promise<void>;
}

/** Looks into a source without reading it whole. */
export interface Prober {
  /** @throws Refusal when it is no video that can be made */
  probe(videoId: string, object: SourceObject, signal: AbortSignal): Promise<Source>;
}

export interface ObjectHead {
  readonly bytes: number;
  readonly etag: string;
  /** The first bytes, as many as were asked for and are there. */
  readonly start: Uint8Array;
}

export interface PlaylistState {
  readonly etag: string;
  readonly segments: number;
  readonly ended: boolean;
}

export interface MediaStore {
  head(key: string, startBytes: number): Promise<ObjectHead | undefined>;
  remove(keys: readonly string[]): Promise<void>;
  removeAll(prefix: string): Promise<void>;
  playlistState(key: string): Promise<PlaylistState | undefined>;
  /** Answers false when the playlist is no longer as `replaces` says (undefined: not there). */
  writePlaylist(
    key: string,
    text: string,
    state: { readonly segments: number; readonly ended: boolean },
    replaces: PlaylistState | undefined,
  ): Promise<boolean>;
}

export interface LinkSigner {
  readSource(videoId: string): Promise<string>;
  readMedia(key: string): Promise<string>;
  write(key: string, headers: Readonly<Record<string, string>>): Promise<UploadLink>;
  /** How long a link made now holds. */
  readonly seconds: number;
}

/** Where workers get tasks from. */
export interface TaskQueue {
  /** All of them, in this order as far as it keeps one. */
  send(messages: readonly TaskMessage[]): Promise<void>;
}

/** The ways to the workers. */
export type TaskQueues = Readonly<Record<Dispatch, TaskQueue>>;

export interface PackageQueue {
  send(message: PackageMessage): Promise<void>;
}

/** The two functions that stand between a worker and everything it could harm. */
export interface TaskOffice {
  lease(request: LeaseRequest, signal: AbortSignal): Promise<LeaseAnswer>;
  commit(request: CommitRequest, signal: AbortSignal): Promise<CommitAnswer>;
}

/** Bytes over links. */
export interface LinkTransfer {
  /** Answers when the object is there; one that was there before is left as it is. */
  put(link: UploadLink, bytes: Uint8Array, signal: AbortSignal): Promise<void>;
}

export interface EncoderInput {
  readonly url: string;
  readonly bytes: number;
}

/** A run of the encoder. Its streams must all be read; `done` settles when it ended. */
export interface EncoderRun {
  /** Fragmented MP4, one stream a track. */
  readonly outputs: readonly {
    readonly track: string;
    readonly stream: AsyncIterable<Uint8Array>;
  }[];
  /** @throws UndecodableError when the source is to blame; another error is worth another attempt */
  readonly done: Promise<void>;
}

export interface Encoder {
  encodeChunk(
    plan: Plan,
    chunk: number,
    input: EncoderInput,
    signal: AbortSignal,
  ): Promise<EncoderRun>;
  encodeAudio(plan: Plan, input: EncoderInput, signal: AbortSignal): Promise<EncoderRun>;
  /**
   * A JPEG of a typical picture that is not black, if there is one.
   * @param movie an init segment and segments; of each GOP the first picture is looked at
   * @returns undefined when there is none to be had
   * @throws Error when another attempt is worth it
   */
  makePoster(movie: Uint8Array, signal: AbortSignal): Promise<Uint8Array | undefined>;
  /**
   * A JPEG of the picture that goes with a song.
   * @returns undefined when it cannot be decoded
   * @throws Error when another attempt is worth it
   */
  makeCover(
    streamIndex: number,
    input: EncoderInput,
    signal: AbortSignal,
  ): Promise<Uint8Array | undefined>;
  /**
   * The sheets of a storyboard, as JPEGs.
   * @param movie an init segment and those segments that hold its pictures
   */
  makeStoryboard(
    storyboard: Storyboard,
    movie: readonly EncoderInput[],
    signal: AbortSignal,
  ): Promise<Uint8Array[]>;
}

/** Reads what a file says of itself. */
export interface MetadataReader {
  read(input: EncoderInput, signal: AbortSignal): Promise<FileMetadata>;
}

/** The encoder could make nothing of the source, and would not the next time. */
export class UndecodableError extends Error {
  override readonly name = "UndecodableError";
}
