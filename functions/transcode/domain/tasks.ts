import { z } from "zod";
import { audioTrack, chunkSegments, type Plan } from "./plan.ts";
import { type Range, segmentCount } from "./timeline.ts";

const chunkSpecSchema = z.strictObject({ kind: z.literal("transcode"), chunk: z.int().min(0) });
const audioSpecSchema = z.strictObject({ kind: z.literal("audio") });

/** Tasks that make segments. */
export const trackSpecSchema = z.discriminatedUnion("kind", [chunkSpecSchema, audioSpecSchema]);

/** Which piece of a plan a task makes; the plan itself says everything else about it. */
export const taskSpecSchema = z.discriminatedUnion("kind", [
  chunkSpecSchema,
  audioSpecSchema,
  z.strictObject({ kind: z.literal("thumbnail") }),
  z.strictObject({ kind: z.literal("metadata") }),
]);
export type TaskSpec = z.infer<typeof taskSpecSchema>;

export interface PlannedTask {
  readonly taskId: string;
  readonly spec: TaskSpec;
}

/** In the order of sending: the first seconds with their sound before everything else. */
export const tasksOf = (plan: Plan, videoId: string): PlannedTask[] => {
  const chunks = plan.chunks.map((_, chunk) => ({
    taskId: `${videoId}:transcode:${String(chunk).padStart(5, "0")}`,
    spec: { kind: "transcode", chunk } as const,
  }));
  const audio = plan.hasAudio
    ? [{ taskId: `${videoId}:audio`, spec: { kind: "audio" } as const }]
    : [];
  const metadata = { taskId: `${videoId}:metadata`, spec: { kind: "metadata" } as const };
  const thumbnail =
    chunks.length > 0
      ? [{ taskId: `${videoId}:thumbnail`, spec: { kind: "thumbnail" } as const }]
      : [];
  return [...chunks.slice(0, 1), ...audio, metadata, ...chunks.slice(1), ...thumbnail];
};

/**
 * Of a video's unfinished tasks those that can be done now: the storyboard is made of what the
 * transcode tasks made, so it waits for the last of them.
 */
export const dueTasks = <T extends { readonly spec: Pick<TaskSpec, "kind"> }>(
  unfinished: readonly T[],
): T[] => {
  const isTranscoding = unfinished.some(({ spec }) => spec.kind === "transcode");
  return unfinished.filter(({ spec }) => spec.kind !== "thumbnail" || !isTranscoding);
};

/** Whether a video is whole without what the task makes: then its last failure finishes it. */
export const isOptional = (spec: TaskSpec): boolean =>
  spec.kind === "thumbnail" || spec.kind === "metadata";

/** Which segments of which tracks a task makes. */
export const segmentsOfTask = (
  plan: Plan,
  spec: TaskSpec,
): { readonly tracks: readonly string[]; readonly segments: Range } => {
  if (spec.kind === "transcode")
    return {
      tracks: plan.renditions.map(({ name }) => name),
      segments: chunkSegments(plan, spec.chunk),
    };
  return spec.kind === "audio"
    ? { tracks: [audioTrack], segments: { first: 0, end: segmentCount(plan.timeline) } }
    : { tracks: [], segments: { first: 0, end: 0 } };
};

/** Whether the init segments of its tracks are this task's to write. */
export const writesInits = (spec: TaskSpec): boolean =>
  spec.kind === "audio" || (spec.kind === "transcode" && spec.chunk === 0);

/**
 * Whether the poster is this task's to make. It is taken from the first chunk, by who made it: a
 * task of its own would wait in the queue behind all others. Of sound alone it is the cover.
 */
export const makesPoster = ({ source }: Plan, spec: TaskSpec): boolean =>
  source.video
    ? spec.kind === "transcode" && spec.chunk === 0
    : spec.kind === "audio" && source.cover !== undefined;
