import type { Log } from "../ports.ts";
import type { FailedDelivery } from "./failed-delivery.ts";
import { type RetireTaskPorts, refusalOfTask, retireTask } from "./retire-task.ts";

/**
 * Push ends here: Lambda tried a task for the last time, or it was never run. Only a worker that
 * began can have failed at the task; all else is a fault of ours, and the sweeper sends it again.
 */
export const retireFailedTask = (ports: RetireTaskPorts) => {
  const { store } = ports;
  const retire = retireTask(ports);
  return async ({ task, cause }: FailedDelivery, log: Log): Promise<void> => {
    const file = await store.findTask(task.taskId);
    const isWanted =
      file?.task.ticket === task.ticket &&
      file.video.status === "transcoding" &&
      !file.task.finished;
    if (!isWanted) return;
    const fields = { task_id: task.taskId, cause, attempts: file.task.attempts };
    if (cause === "failed" && file.task.attempts > 0) {
      log.warn("Task given up", fields);
      await retire(file, refusalOfTask("gave-up"));
    } else {
      log.warn("Task left to the sweeper", fields);
      await store.forgetDispatch([task.taskId]);
    }
  };
};
