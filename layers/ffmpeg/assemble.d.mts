import type { StaticBuild, StaticVariant } from "./layer.mjs";

export declare function assembleEmbedded(
  ffmpegPath: string,
  ffprobePath: string,
  dist?: string,
): string;

export declare function assembleStatic(
  variant: StaticVariant,
  options?: {
    readonly dist?: string;
    readonly download?: (url: string, file: string) => Promise<void>;
    readonly builds?: Readonly<Record<StaticVariant, StaticBuild>>;
  },
): Promise<string>;
