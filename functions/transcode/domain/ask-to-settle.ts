import type { PipelineStore, TaskQueues } from "../ports.ts";
import { dispatchTasks } from "./dispatch-tasks.ts";

/**
 * Has a video settled by whoever may: a task that is finished already, sent once more, makes its
 * worker commit again, and that commit brings everything up to date. So functions that give tasks up
 * need no right on the media.
 */
export const askToSettle = (ports: {
  readonly store: PipelineStore;
  readonly queues: TaskQueues;
}) => {
  const dispatch = dispatchTasks(ports);
  return async (videoId: string): Promise<void> => {
    const { store } = ports;
    const [video, task] = [await store.findVideo(videoId), await store.finishedTask(videoId)];
    if (video && task) await dispatch(video, [task]);
  };
};
