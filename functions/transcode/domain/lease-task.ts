import type { LinkSigner, PipelineStore, SourceStore, TaskFile } from "../ports.ts";
import { leaseStoryboard } from "./lease-storyboard.ts";
import { leaseTracks } from "./lease-tracks.ts";
import type { Granted, LeaseAnswer, LeaseRequest } from "./office.ts";

export interface LeaseTaskPorts {
  readonly store: PipelineStore;
  readonly sources: SourceStore;
  readonly links: LinkSigner;
  readonly now: () => Date;
}

/** Links for exactly what the task reads and writes, fresh at each attempt. */
export const leaseTask =
  (ports: LeaseTaskPorts) =>
  async (request: LeaseRequest): Promise<LeaseAnswer> => {
    const { store, links, now } = ports;
    const file = await store.findTask(request.taskId);
    if (!file || file.task.ticket !== request.ticket || file.video.videoId !== request.videoId)
      return { state: "gone" };
    if (file.task.finished) return { state: "finished", planHash: file.stored.planHash };
    if (file.video.status !== "transcoding") return { state: "gone" };

    const answer = await grantOf(
      ports,
      file,
      {
        state: "granted",
        plan: file.stored.plan,
        planHash: file.stored.planHash,
        expiresAt: new Date(now().getTime() + links.seconds * 1_000).toISOString(),
      },
      request.from,
    );
    if (answer.state === "granted" && request.from === undefined)
      await store.countAttempt(request.taskId);
    return answer;
  };

const grantOf = async (
  ports: LeaseTaskPorts,
  file: TaskFile,
  granted: Granted,
  from: number | undefined,
): Promise<LeaseAnswer> => {
  const { spec } = file.task;
  const { videoId } = file.video;
  if (spec.kind === "thumbnail") return leaseStoryboard(ports, videoId, granted);
  const object = await ports.sources.describe(videoId);
  if (!object) return { state: "gone" };
  const source = { url: await ports.links.readSource(videoId), bytes: object.bytes };
  return spec.kind === "metadata"
    ? { ...granted, makes: "metadata", source }
    : leaseTracks(ports, { videoId, spec, source, from }, granted);
};
