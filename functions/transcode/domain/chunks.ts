import type { Rendition } from "./ladder.ts";
import { toNumber } from "./rational.ts";
import type { Picture } from "./source.ts";
import { segmentCount, type Timeline } from "./timeline.ts";

/** CPU seconds a pixel: estimates from 0.03 a frame of a 720p ladder and 0.35 of a 4K one (veryfast). */
const cpuPerOutputPixel = 2.5e-8;
const cpuPerSourcePixel = 0.8e-8;
/** CPU seconds that one task may be predicted to take: a function must end within minutes. */
const maxChunkCpu = 120;
/** Above this the queue, not the work, would be what takes time. */
const maxChunks = 2_000;

export const cpuPerFrame = (source: Picture, renditions: readonly Rendition[]): number => {
  const output = renditions.reduce((sum, { width, height }) => sum + width * height, 0);
  const factor = (source.highDynamicRange ? 1.5 : 1) * (source.interlaced ? 1.3 : 1);
  return factor * (output * cpuPerOutputPixel + source.width * source.height * cpuPerSourcePixel);
};

/**
 * The first segment of each chunk. The first chunk is the lead segments alone, so that play starts
 * early; the next ones double until a chunk costs what one task may, so that many workers find
 * work from the start.
 */
export const chunkStarts = (
  timeline: Timeline,
  source: Picture,
  renditions: readonly Rendition[],
): number[] => {
  const segments = segmentCount(timeline);
  const cpuPerSegment = timeline.segmentFrames * cpuPerFrame(source, renditions);
  const segmentSeconds = timeline.segmentFrames / toNumber(timeline.rate);
  // Each chunk decodes from the keyframe before it: shorter ones would mostly decode twice.
  const forKeyframes = Math.ceil((2 * source.keyframeSeconds) / segmentSeconds);
  const most = Math.max(
    1,
    Math.floor(maxChunkCpu / cpuPerSegment),
    forKeyframes,
    Math.ceil(segments / maxChunks),
  );
  const starts = [0];
  let size = 1;
  let next = Math.max(1, timeline.leadSegments);
  while (next < segments) {
    starts.push(next);
    size = Math.max(size, Math.min(forKeyframes, most));
    next += size;
    size = Math.min(size * 2, most);
  }
  return starts;
};
