import { failureOf, Refusal } from "../../transcode/domain/failure.ts";
import type { PackageQueue, PipelineStore } from "../../transcode/ports.ts";
import type { PlanQueue, StuckVideo, SweepStore, WaitingStatus } from "../ports.ts";
import { stepPatience } from "./patience.ts";
import type { Rule } from "./sweep.ts";

export interface RepeatStepsPorts {
  readonly sweep: SweepStore;
  readonly pipeline: Pick<PipelineStore, "fail" | "findVideo">;
  readonly plans: PlanQueue;
  readonly packages: PackageQueue;
}

/** What a video failed for, when a step of it was asked for again and again in vain. */
const refusals: Readonly<Partial<Record<WaitingStatus, string>>> = {
  planning: "could not be read: several attempts failed. Upload it again.",
  packaging: "could not be finished: several attempts failed. Upload it again.",
};

/**
 * A video waits for a step whose message was lost: the message is sent again. The packager removes
 * what failed or is deleted, so those are steps too.
 */
export const repeatStep = (ports: RepeatStepsPorts, status: WaitingStatus): Rule => {
  const { sweep, pipeline, plans, packages } = ports;
  const { waitMs, maxSweeps } = stepPatience[status];
  const refusal = refusals[status];

  const ask = ({ videoId, correlationId }: StuckVideo) => {
    const message = { version: 1, videoId, correlationId } as const;
    return status === "planning" ? plans.send(message) : packages.send(message);
  };

  return {
    name: `repeat-${status}`,
    async find(now, limit) {
      const stuck = await sweep.takeStuck(status, { now, waitMs }, limit);
      return stuck.map((video) => ({
        videoId: video.videoId,
        async mend(log) {
          const isOver = video.sweeps > maxSweeps && refusal !== undefined;
          log.warn(isOver ? "A step is given up" : "A step is asked for again", {
            ...{ video_id: video.videoId, status, sweeps: video.sweeps },
          });
          if (!isOver) return ask(video);
          // It may have moved on since it was taken.
          if ((await pipeline.findVideo(video.videoId))?.status !== status) return;
          await pipeline.fail(
            video.videoId,
            failureOf(new Refusal("gave-up", refusal), video.fileName),
          );
          // Failed now: what is left of it goes.
          await packages.send({
            version: 1,
            videoId: video.videoId,
            correlationId: video.correlationId,
          });
        },
      }));
    },
  };
};
