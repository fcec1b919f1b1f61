export type StaticVariant = "linux-arm64" | "linux-x64";
export type Variant = "embedded" | StaticVariant;

export interface StaticBuild {
  readonly version: string;
  /** Tried in this order. */
  readonly urls: readonly string[];
  /** Of the archive, hex. */
  readonly sha256: string;
  readonly elfMachine: number;
}

export declare const binaries: readonly ["ffmpeg", "ffprobe"];
export declare const staticBuilds: Readonly<Record<StaticVariant, StaticBuild>>;
export declare const manifestName: string;
export declare const distDirectory: string;
export declare function layerDirectory(variant: Variant, dist?: string): string;
export declare function layerFault(
  variant: Variant,
  dist?: string,
  builds?: Readonly<Record<StaticVariant, StaticBuild>>,
): string | undefined;
export declare function sha256(file: string): string;
