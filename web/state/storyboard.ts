/** A small picture of a moment: a cut out of a sheet, in its pixels. */
export interface Sprite {
  readonly startSeconds: number;
  readonly endSeconds: number;
  readonly sheet: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

const cue =
  /^(\d{2,}):(\d\d):(\d\d\.\d{3}) --> (\d{2,}):(\d\d):(\d\d\.\d{3})\n(\S+)#xywh=(\d+),(\d+),(\d+),(\d+)$/gm;

const toSeconds = (hours = "", minutes = "", seconds = "") =>
  (Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds);

/** Reads `storyboard.vtt`: WebVTT whose cues name sprites (Media Fragments URI 1.0). */
export function parseStoryboard(text: string, base: string): Sprite[] {
  return [...text.replaceAll("\r\n", "\n").matchAll(cue)].map((match) => {
    const [, h1, m1, s1, h2, m2, s2, sheet = "", ...box] = match;
    const [x = 0, y = 0, width = 0, height = 0] = box.map(Number);
    return {
      startSeconds: toSeconds(h1, m1, s1),
      endSeconds: toSeconds(h2, m2, s2),
      sheet: new URL(sheet, base).href,
      ...{ x, y, width, height },
    };
  });
}

/** The sprite of a moment; the last one also for what comes after its end. */
export function spriteAt(sprites: readonly Sprite[], seconds: number): Sprite | undefined {
  return sprites.find(({ endSeconds }) => seconds < endSeconds) ?? sprites.at(-1);
}

/** @param playlist beside which the storyboard lies, and by whose right it is read */
export async function loadStoryboard(playlist: string, signal: AbortSignal): Promise<Sprite[]> {
  const address = new URL("storyboard.vtt", new URL(playlist, location.href)).href;
  const answer = await fetch(address, { signal });
  return answer.ok ? parseStoryboard(await answer.text(), address) : [];
}
