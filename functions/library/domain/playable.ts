import type { VideoStatus } from "@sluice/contracts";

const playableStatuses: readonly VideoStatus[] = ["transcoding", "packaging", "ready"];

/** Playing begins when every track has its first segment, long before all are made. */
export const isPlayable = <
  V extends {
    readonly status: string;
    readonly frontier: number;
    readonly planHash?: string | undefined;
  },
>(
  video: V,
): video is V & { readonly planHash: string } =>
  video.planHash !== undefined &&
  video.frontier > 0 &&
  playableStatuses.some((status) => status === video.status);
