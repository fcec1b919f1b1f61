import { endUpload, finishIfArrived } from "../../upload/domain/end-upload.ts";
import type { UploadPorts } from "../../upload/ports.ts";
import type { SweepStore } from "../ports.ts";
import { completionMs } from "./patience.ts";
import type { Rule } from "./sweep.ts";

export interface EndUploadsPorts extends UploadPorts {
  readonly sweep: SweepStore;
  /** An upload that nobody touched for so long is ended. */
  readonly staleMs: number;
}

/**
 * Uploads that nobody goes on with. A completion that was cut off after it had won is finished; one
 * that had not can be repeated, until the upload is stale.
 */
export const endUploads = ({ sweep, store, storage, staleMs }: EndUploadsPorts): Rule => ({
  name: "end-uploads",
  async find(now, limit) {
    const idle = await sweep.takeIdle({ now, waitMs: completionMs, staleMs }, limit);
    return idle.map((upload) => ({
      videoId: upload.videoId,
      async mend(log) {
        const isStale = now.getTime() - upload.activeAt.getTime() > staleMs;
        const outcome = isStale
          ? await endUpload({ store, storage }, upload)
          : (await finishIfArrived({ store, storage }, upload))
            ? "completed"
            : "left open";
        log.info("An idle upload", { video_id: upload.videoId, outcome });
      },
    }));
  },
});
