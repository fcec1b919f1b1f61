import { join } from "node:path";
import type { Video } from "@sluice/contracts";
import { differencesOf, mediaObjects } from "../../system/media-objects.ts";
import { treeOf } from "../../system/process-table.ts";
import { type RunningSluice, startSluice, untilVideo } from "../../system/running-sluice.ts";
import { ClipSender } from "./clip-sender.ts";
import { kill, orphansOf } from "./kill.ts";
import { PipelineWatch, type Timings } from "./moments.ts";
import type { Blow, Schedule } from "./schedule.ts";

/** What the same file becomes when nobody is killed. */
export interface Undisturbed {
  readonly objects: ReadonlyMap<string, string>;
  readonly timings: Timings;
}

export interface RunOutcome {
  /** Ready, and the only video there is. */
  readonly completed: boolean;
  /** Why not, in one sentence. */
  readonly trouble?: string;
  /** Media objects that are not as they are undisturbed. */
  readonly differing: readonly string[];
  /** Processes that outlived a kill, or the stop at the end. */
  readonly orphans: readonly string[];
}

export interface RunPlace {
  /** Empty; this run's own. */
  readonly directory: string;
  readonly clip: string;
}

/** Far above what a run takes under load: a video that is not ready by then is lost. */
const settledWithinMs = 180_000;

/** The whole way of the clip without a kill: what it becomes, and how long each phase takes. */
export async function runUndisturbed({ directory, clip }: RunPlace): Promise<Undisturbed> {
  const sluice = await startSluice(join(directory, "data"));
  try {
    const watch = new PipelineWatch(sluice.dataDir);
    const began = performance.now();
    const attempt = await new ClipSender(clip, directory, "pull").begin(sluice);
    const videoId = await attempt.result;
    const uploaded = performance.now() - began;
    const video = await untilVideo(sluice.api, videoId, isSettled, 20);
    if (video.status !== "ready") throw new Error(`Undisturbed it failed: ${describe(video)}`);
    return {
      timings: watch.timings(uploaded, performance.now() - began),
      objects: await mediaObjects(sluice.ready, videoId),
    };
  } finally {
    await sluice[Symbol.asyncDispose]();
  }
}

/** One clip under the blows of a schedule, from an empty data directory to its end. */
export async function runDisturbed(
  place: RunPlace,
  { blows, dispatch }: Schedule,
  undisturbed: Undisturbed,
): Promise<RunOutcome> {
  const dataDir = join(place.directory, "data");
  const sender = new ClipSender(place.clip, place.directory, dispatch);
  const orphans: string[] = [];
  /** Known once the client was told it: from then on the upload counts as accepted. */
  let accepted: string | undefined;
  try {
    for (const blow of blows) {
      const sluice = await startSluice(dataDir);
      const seen = await sendUntil(blow, sluice, sender, undisturbed.timings);
      orphans.push(...(await kill(sluice, blow.victim)));
      if (accepted !== undefined && seen !== undefined && accepted !== seen) {
        return { completed: false, trouble: "The upload began anew.", differing: [], orphans };
      }
      accepted ??= seen;
    }
    const last = await startSluice(dataDir);
    const outcome = await finish(last, sender, accepted, undisturbed).finally(async () => {
      const tree = treeOf(last.pid);
      await last[Symbol.asyncDispose]();
      orphans.push(...(await orphansOf(dataDir, tree)));
    });
    return { ...outcome, orphans };
  } catch (error) {
    const trouble = error instanceof Error ? error.message : String(error);
    return { completed: false, trouble, differing: [], orphans };
  }
}

/** Sends the clip, or what is missing of it, and resolves at the moment of the blow with its video. */
async function sendUntil(
  blow: Blow,
  sluice: RunningSluice,
  sender: ClipSender,
  timings: Timings,
): Promise<string | undefined> {
  const watch = new PipelineWatch(sluice.dataDir);
  const attempt = await sender.begin(sluice);
  const settled = new AbortController();
  const following = attempt.result
    .then((videoId) => untilVideo(sluice.api, videoId, isSettled))
    .then(
      () => settled.abort(),
      // The connection goes with the server.
      () => {},
    );
  await watch.until(blow, timings, AbortSignal.any([settled.signal, timeout()]));
  void following;
  await attempt.detach();
  return attempt.videoId();
}

async function finish(
  sluice: RunningSluice,
  sender: ClipSender,
  accepted: string | undefined,
  undisturbed: Undisturbed,
): Promise<Omit<RunOutcome, "orphans">> {
  const attempt = await sender.begin(sluice);
  const videoId = await attempt.result;
  if (accepted !== undefined && accepted !== videoId) {
    return { completed: false, trouble: "The upload began anew.", differing: [] };
  }
  const video = await Promise.race([untilVideo(sluice.api, videoId, isSettled), expiry()]);
  if (video?.status !== "ready") {
    return {
      completed: false,
      trouble: video ? describe(video) : "It never ended.",
      differing: [],
    };
  }
  const { videos } = await sluice.api.listVideos({ limit: 10 });
  const objects = await mediaObjects(sluice.ready, videoId);
  return {
    completed: videos.length === 1,
    ...(videos.length === 1 ? {} : { trouble: `There are ${videos.length} videos of it.` }),
    differing: differencesOf(undisturbed.objects, objects),
  };
}

const isSettled = ({ status }: Video) => status === "ready" || status === "failed";

const describe = ({ status, failure }: Video) => failure?.message ?? `Its status is ${status}.`;

const timeout = () => AbortSignal.timeout(settledWithinMs);

function expiry(): Promise<undefined> {
  return new Promise((resolve) => {
    timeout().addEventListener("abort", () => resolve(undefined), { once: true });
  });
}
