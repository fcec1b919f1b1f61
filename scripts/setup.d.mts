/** Types of setup.mjs; the script itself runs before there is a compiler. */
export interface Ffmpeg {
  readonly ffmpeg: string;
  readonly ffprobe: string;
}

export class SetupError extends Error {
  readonly code: string;
}

export function onPath(command: string): string | undefined;

export function chromiumPath(): string | undefined;

export function findFfmpeg(): Ffmpeg | undefined;

export function ensureFfmpeg(
  find?: () => Ffmpeg | undefined,
  install?: ((packageName: string) => boolean) | undefined,
): Ffmpeg;
