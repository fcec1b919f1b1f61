import { askToSettle } from "../../transcode/domain/ask-to-settle.ts";
import { dispatchTasks } from "../../transcode/domain/dispatch-tasks.ts";
import { refusalOfTask, retireTask } from "../../transcode/domain/retire-task.ts";
import type { PackageQueue, PipelineStore, TaskQueues } from "../../transcode/ports.ts";
import type { SweepStore } from "../ports.ts";
import { judgeTasks } from "./lost-tasks.ts";
import { lookEveryMs } from "./patience.ts";
import type { Rule } from "./sweep.ts";

export interface RestartTasksPorts {
  readonly sweep: SweepStore;
  readonly pipeline: PipelineStore;
  readonly queues: TaskQueues;
  readonly packages: PackageQueue;
}

/** Lost tasks are sent again, by their video's own way; hopeless ones are given up. */
export const restartTasks = (ports: RestartTasksPorts): Rule => {
  const { sweep, pipeline, queues, packages } = ports;
  const dispatch = dispatchTasks({ store: pipeline, queues });
  const settle = askToSettle({ store: pipeline, queues });
  const retire = retireTask({ store: pipeline, packages, settle });
  return {
    name: "restart-tasks",
    async find(now, limit) {
      const silent = await sweep.takeSilent({ now, waitMs: lookEveryMs }, limit);
      return silent.map((transcoding) => ({
        videoId: transcoding.videoId,
        async mend(log) {
          const { videoId } = transcoding;
          const verdict = judgeTasks(await sweep.signsOf(transcoding), now);
          for (const taskId of verdict.hopeless) {
            const file = await pipeline.findTask(taskId);
            if (file) await retire(file, refusalOfTask("gave-up"));
          }
          // What was given up may have failed the video, and finished something else meanwhile.
          const video = await pipeline.findVideo(videoId);
          if (video?.status !== "transcoding") return;
          const lost = new Set(verdict.lost);
          const unfinished = await pipeline.unfinishedTasks(videoId);
          await dispatch(
            video,
            unfinished.filter(({ taskId }) => lost.has(taskId)),
          );
          if (verdict.isUnsettled) await settle(videoId);
          const { hopeless, isUnsettled } = verdict;
          if (lost.size + hopeless.length > 0 || isUnsettled)
            log.warn("Tasks were lost", {
              video_id: videoId,
              ...{ sent_again: lost.size, given_up: hopeless.length, unsettled: isUnsettled },
            });
        },
      }));
    },
  };
};
