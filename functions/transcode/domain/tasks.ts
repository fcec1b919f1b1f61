import { z } from "zod";
import { audioTrack, chunkSegments, type Plan } from "./plan.ts";
import { type Range, segmentCount } from "./timeline.ts";

/** Which piece of a plan a task makes; the plan itself says everything else about it. */
export const taskSpecSchema = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("transcode"), chunk: z.int().min(0) }),
  z.strictObject({ kind: z.literal("audio") }),
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
  return [...chunks.slice(0, 1), ...audio, ...chunks.slice(1)];
};

/** Which segments of which tracks a task makes. */
export const segmentsOfTask = (
  plan: Plan,
  spec: TaskSpec,
): { readonly tracks: readonly string[]; readonly segments: Range } =>
  spec.kind === "transcode"
    ? { tracks: plan.renditions.map(({ name }) => name), segments: chunkSegments(plan, spec.chunk) }
    : { tracks: [audioTrack], segments: { first: 0, end: segmentCount(plan.timeline) } };

/** Whether the init segments of its tracks are this task's to write. */
export const writesInits = (spec: TaskSpec): boolean =>
  spec.kind === "audio" || (spec.kind === "transcode" && spec.chunk === 0);

/**
 * Whether the poster is this task's to make. It is taken from the first chunk, by who made it:
 * a task of its own would wait in the queue behind all others.
 */
export const makesPoster = (spec: TaskSpec): boolean =>
  spec.kind === "transcode" && spec.chunk === 0;
