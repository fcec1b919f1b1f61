/** Keys of the two buckets (docs/ARCHITECTURE.md, "Keys"). */
const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

export const sourceKey = (videoId: string): string => `sources/${videoId}`;

/** The video of a source key; undefined for any other key. */
export const videoIdOfSourceKey = (key: string): string | undefined => {
  const [folder, videoId, ...rest] = key.split("/");
  return folder === "sources" && videoId && rest.length === 0 && uuid.test(videoId)
    ? videoId
    : undefined;
};

/** Everything that was made of a video, under any plan. */
export const mediaPrefix = (videoId: string): string => `videos/${videoId}/`;

export interface MediaKeys {
  readonly init: (track: string) => string;
  readonly segment: (track: string, number: number) => string;
  readonly playlist: (track: string) => string;
  readonly master: string;
  readonly poster: string;
  readonly storyboard: string;
  readonly storyboardSheet: (sheet: number) => string;
}

export const segmentName = (number: number): string => `${String(number).padStart(6, "0")}.m4s`;

export const storyboardSheetName = (sheet: number): string =>
  `storyboard-${String(sheet).padStart(3, "0")}.jpg`;

export const mediaKeys = (videoId: string, planHash: string): MediaKeys => {
  const root = `${mediaPrefix(videoId)}${planHash}`;
  return {
    init: (track) => `${root}/${track}/init.mp4`,
    segment: (track, number) => `${root}/${track}/${segmentName(number)}`,
    playlist: (track) => `${root}/${track}/index.m3u8`,
    master: `${root}/master.m3u8`,
    poster: `${root}/poster.jpg`,
    storyboard: `${root}/storyboard.vtt`,
    storyboardSheet: (sheet) => `${root}/${storyboardSheetName(sheet)}`,
  };
};

export const cacheControl = {
  immutable: "public, max-age=31536000, immutable",
  growing: "public, max-age=1",
} as const;

export const contentTypes = {
  init: "video/mp4",
  segment: "video/iso.segment",
  playlist: "application/vnd.apple.mpegurl",
  jpeg: "image/jpeg",
  storyboard: "text/vtt",
} as const;
