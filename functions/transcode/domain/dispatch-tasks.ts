import type { TaskMessage } from "@sluice/contracts";
import type { PipelineStore, StoredTask, TaskQueues, VideoState } from "../ports.ts";

export interface DispatchTasksPorts {
  readonly store: Pick<PipelineStore, "noteDispatch" | "forgetDispatch">;
  readonly queues: TaskQueues;
}

export const taskMessage = (video: VideoState, task: StoredTask): TaskMessage => ({
  version: 1,
  videoId: video.videoId,
  taskId: task.taskId,
  kind: task.spec.kind,
  ticket: task.ticket,
  correlationId: video.correlationId,
});

/**
 * Sends tasks the way that was chosen for their video. Noted before, so that all that workers say of
 * them comes after; whoever dies in between is asked to send again, and a task that comes twice is
 * done once.
 */
export const dispatchTasks =
  ({ store, queues }: DispatchTasksPorts) =>
  async (video: VideoState, tasks: readonly StoredTask[]): Promise<void> => {
    if (tasks.length === 0) return;
    const taskIds = tasks.map(({ taskId }) => taskId);
    await store.noteDispatch(taskIds);
    try {
      await queues[video.dispatch].send(tasks.map((task) => taskMessage(video, task)));
    } catch (error) {
      await store.forgetDispatch(taskIds);
      throw error;
    }
  };
