import { randomUUID } from "node:crypto";
import type { Dispatch, FileMetadata } from "@sluice/contracts";
import type { Failure } from "../domain/failure.ts";
import type { Plan } from "../domain/plan.ts";
import { audioTrack } from "../domain/plan.ts";
import { plannedMs } from "../domain/playlists.ts";
import type { PlannedTask } from "../domain/tasks.ts";
import { aacFrameMicroseconds, type Range, seconds as toSeconds } from "../domain/timeline.ts";
import type {
  Achievement,
  InitRecord,
  PipelineStore,
  Progress,
  SegmentRecord,
  StoredPlan,
  StoredTask,
  VideoState,
  VideoStatus,
} from "../ports.ts";

/** What the sweeper sees of a task besides. */
type TaskRow = StoredTask & { readonly dispatches: number; readonly isOut: boolean };

const storedPart = ({ dispatches: _, isOut: __, ...task }: TaskRow): StoredTask => task;

interface Row {
  state: VideoState;
  failure?: Failure;
  /** What others are told of. */
  readonly told: string[];
  playableMs: number;
  durationMs?: number;
  width?: number;
  height?: number;
  hasPoster: boolean;
  isCleaned?: boolean;
  hasStoryboard: boolean;
  metadata?: FileMetadata;
  stored?: StoredPlan;
  readonly tasks: Map<string, TaskRow>;
  readonly segments: Map<string, SegmentRecord & { taskId: string }>;
  readonly inits: Map<string, InitRecord>;
}

/** The pipeline's tables as maps: for tests of what stands on them. */
export class MemoryStore implements PipelineStore {
  readonly rows = new Map<string, Row>();
  /** Videos, each time one became ready. */
  readonly readied: string[] = [];

  addVideo(
    videoId: string,
    fileName = "film.mp4",
    status: VideoStatus = "planning",
    dispatch: Dispatch = "pull",
  ): void {
    const state = {
      videoId,
      fileName,
      status,
      dispatch,
      correlationId: "correlation",
      frontier: 0,
    };
    this.rows.set(videoId, {
      state,
      playableMs: 0,
      hasPoster: false,
      hasStoryboard: false,
      told: [],
      tasks: new Map(),
      segments: new Map(),
      inits: new Map(),
    });
  }

  setStatus(videoId: string, status: VideoStatus): void {
    const row = this.rows.get(videoId);
    if (row) row.state = { ...row.state, status };
  }

  row(videoId: string): Row {
    const row = this.rows.get(videoId);
    if (!row) throw new Error(`There is no video ${videoId}.`);
    return row;
  }

  async findVideo(videoId: string) {
    return this.rows.get(videoId)?.state;
  }

  async findPlan(videoId: string) {
    return this.rows.get(videoId)?.stored;
  }

  async savePlan(videoId: string, stored: StoredPlan, tasks: readonly PlannedTask[]) {
    const row = this.row(videoId);
    if (row.stored) return row.stored;
    row.stored = structuredClone(stored);
    for (const task of tasks)
      row.tasks.set(task.taskId, {
        ...{ ...task, ticket: randomUUID(), finished: false, attempts: 0 },
        ...{ dispatches: 0, isOut: false },
      });
    if (row.state.status === "uploading" || row.state.status === "planning") {
      this.setStatus(videoId, "transcoding");
      const { video } = stored.plan.source;
      row.durationMs = plannedMs(stored.plan);
      if (video) Object.assign(row, { width: video.width, height: video.height });
    }
    return row.stored;
  }

  async unfinishedTasks(videoId: string) {
    return [...(this.rows.get(videoId)?.tasks.values() ?? [])]
      .filter(({ finished }) => !finished)
      .map(storedPart);
  }

  async finishedTask(videoId: string) {
    const tasks = [...(this.rows.get(videoId)?.tasks.values() ?? [])];
    const found = tasks.find(({ finished }) => finished);
    return found && storedPart(found);
  }

  async findTask(taskId: string) {
    for (const { state, stored, tasks } of this.rows.values()) {
      const task = tasks.get(taskId);
      if (!task || !stored) continue;
      return { task: storedPart(task), video: state, stored };
    }
    return undefined;
  }

  async noteDispatch(taskIds: readonly string[]) {
    this.#change(taskIds, ({ dispatches }) => ({ dispatches: dispatches + 1, isOut: true }));
  }

  async forgetDispatch(taskIds: readonly string[]) {
    this.#change(taskIds, () => ({ isOut: false }));
  }

  async countAttempt(taskId: string) {
    this.#change([taskId], ({ attempts }) => ({ attempts: attempts + 1 }));
  }

  #change(taskIds: readonly string[], change: (task: TaskRow) => Partial<TaskRow>) {
    for (const { tasks } of this.rows.values())
      for (const taskId of taskIds) {
        const task = tasks.get(taskId);
        if (task) tasks.set(taskId, { ...task, ...change(task) });
      }
  }

  async recordedSegments(videoId: string, first: number, end: number) {
    const all = this.rows.get(videoId)?.segments ?? new Map<string, SegmentRecord>();
    return new Set(
      [...all].filter(([, { number }]) => number >= first && number < end).map(([name]) => name),
    );
  }

  async recordedInits(videoId: string) {
    return [...(this.rows.get(videoId)?.inits.values() ?? [])];
  }

  async recordedSizes(videoId: string, track: string) {
    const own = [...this.row(videoId).segments.values()].filter((each) => each.track === track);
    return new Map(own.map(({ number, bytes }) => [number, bytes]));
  }

  async record(achievement: Achievement) {
    const row = this.rows.get(achievement.videoId);
    const task = row?.tasks.get(achievement.taskId);
    if (!row || !task || row.state.status === "failed" || row.state.status === "deleting")
      return "gone" as const;
    for (const init of achievement.inits) {
      const known = row.inits.get(init.track);
      if (known && known.sha256 !== init.sha256) return "differs" as const;
    }
    for (const init of achievement.inits) row.inits.set(init.track, init);
    for (const segment of achievement.segments) {
      const name = `${segment.track}/${segment.number}`;
      if (!row.segments.has(name))
        row.segments.set(name, { ...segment, taskId: achievement.taskId });
    }
    if (achievement.poster) row.hasPoster = true;
    if (achievement.storyboard) row.hasStoryboard = true;
    if (achievement.metadata) row.metadata = achievement.metadata;
    if (achievement.finished) row.tasks.set(task.taskId, { ...task, finished: true });
    return "recorded" as const;
  }

  async progress(videoId: string, plan: Plan): Promise<Progress> {
    const row = this.row(videoId);
    const runs = new Map<string, Range[]>();
    for (const { track, number } of row.segments.values())
      runs.set(track, [...(runs.get(track) ?? []), { first: number, end: number + 1 }]);
    const first = plan.renditions[0]?.name;
    const tasks = [...row.tasks.values()].filter(({ finished }) => finished);
    return {
      runs,
      finishedChunks: tasks.flatMap(({ taskId, spec }) =>
        spec.kind === "transcode"
          ? [
              {
                chunk: spec.chunk,
                frames: [...row.segments.values()]
                  .filter((segment) => segment.taskId === taskId && segment.track === first)
                  .reduce((sum, { frames }) => sum + frames, 0),
              },
            ]
          : [],
      ),
      unfinished: new Set(
        [...row.tasks.values()].flatMap(({ finished, spec }) => (finished ? [] : [spec.kind])),
      ),
    };
  }

  async advance(videoId: string, frontier: number, playableMs: number) {
    const row = this.row(videoId);
    if (row.state.frontier >= frontier) return;
    row.state = { ...row.state, frontier };
    row.playableMs = playableMs;
  }

  async beginPackaging(videoId: string) {
    const row = this.rows.get(videoId);
    if (row?.state.status === "transcoding") this.setStatus(videoId, "packaging");
    return row?.state.status;
  }

  async bandwidths(videoId: string, plan: Plan, minFrames: number) {
    const { timeline } = plan;
    const byTrack = Map.groupBy(this.row(videoId).segments.values(), ({ track }) => track);
    return new Map(
      [...byTrack].map(([track, segments]) => {
        const measured = segments.map(({ bytes, frames }) => ({
          bits: bytes * 8,
          seconds:
            track === audioTrack
              ? aacFrameMicroseconds(frames) / 1_000_000
              : toSeconds(timeline, frames),
          counts: frames >= minFrames,
        }));
        const average =
          measured.reduce((sum, { bits }) => sum + bits, 0) /
          measured.reduce((sum, { seconds }) => sum + seconds, 0);
        const peaks = measured
          .filter(({ counts }) => counts)
          .map(({ bits, seconds }) => bits / seconds);
        return [track, { average, peak: Math.max(average, ...peaks) }];
      }),
    );
  }

  async becomeReady(videoId: string, durationMs: number, segments: number) {
    const row = this.row(videoId);
    if (row.state.status !== "packaging") return;
    row.state = { ...row.state, status: "ready", frontier: segments };
    this.readied.push(videoId);
    row.durationMs = durationMs;
    row.playableMs = durationMs;
    row.told.push("video.ready");
  }

  async noteCleaned(videoId: string) {
    const row = this.rows.get(videoId);
    if (row?.state.status === "failed") row.isCleaned = true;
  }

  async fail(videoId: string, failure: Failure) {
    const row = this.rows.get(videoId);
    if (!row || ["ready", "failed", "deleting"].includes(row.state.status)) return false;
    this.setStatus(videoId, "failed");
    row.failure = failure;
    row.told.push("video.failed");
    return true;
  }
}
