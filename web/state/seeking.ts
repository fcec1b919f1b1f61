/** How far before the growing end a viewer lands who asked for what is not made yet. */
const beforeFrontierSeconds = 1;

/** How far a video reaches: as planned, and as it can be watched so far. Seconds. */
export interface Extent {
  readonly totalSeconds: number;
  readonly playableSeconds: number;
}

/** Where a seek leads: never beyond what is made, and to no moment that would end at once. */
export function seekTarget(
  wanted: number,
  { totalSeconds, playableSeconds }: Extent,
): { readonly seconds: number; readonly isCut: boolean } {
  const isGrowing = playableSeconds < totalSeconds;
  const isCut = isGrowing && wanted > playableSeconds - beforeFrontierSeconds;
  const most = isCut ? playableSeconds - beforeFrontierSeconds : totalSeconds;
  return { seconds: Math.min(Math.max(0, wanted), Math.max(0, most)), isCut };
}

/** Whether playing has come to where the video is still being made. */
export function isAtFrontier(seconds: number, { totalSeconds, playableSeconds }: Extent): boolean {
  return playableSeconds < totalSeconds && seconds > playableSeconds - beforeFrontierSeconds;
}
