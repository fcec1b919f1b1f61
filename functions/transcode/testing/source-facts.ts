import type { Picture, Source } from "../domain/source.ts";

/** A source as a probe would describe it. */
export const sourceFacts = (
  video: Partial<Picture> = {},
  rest: Partial<Omit<Source, "video">> = {},
): Source & { readonly video: Picture } => ({
  bytes: 1_000_000_000,
  format: "mov,mp4,m4a,3gp,3g2,mj2",
  video: {
    streamIndex: 0,
    codec: "h264",
    width: 1280,
    height: 720,
    rate: { num: 25, den: 1 },
    interlaced: false,
    highDynamicRange: false,
    firstFrameSeconds: 0,
    endSeconds: 60,
    keyframeSeconds: 2,
    ...video,
  },
  audio: { streamIndex: 1, endSeconds: 60 },
  ...rest,
});

/** Sound alone, as a probe would describe it. */
export const soundFacts = (endSeconds: number, rest: Partial<Source> = {}): Source => ({
  bytes: 50_000_000,
  format: "mp3",
  audio: { streamIndex: 0, endSeconds },
  ...rest,
});
