import { describe, expect, it } from "vitest";
import { bars, execute, makeSource } from "../testing/synthetic-sources.ts";
import { createFfmpegEncoder } from "./ffmpeg-encoder.ts";

const { signal } = new AbortController();
const encoder = createFfmpegEncoder(() => () => Promise.reject(new Error("There is no link.")));

/** Six seconds, a keyframe every two, black until `dark`. */
const film = (dark: number) =>
  makeSource([
    ...bars({ seconds: 6, rate: "25", audio: false }),
    ...["-vf", `drawbox=color=black:t=fill:enable='lt(t,${dark})'`, "-bf", "0"],
    ...["-movflags", "+cmaf+frag_keyframe"],
  ]);

/** Mean of luma, 0 to 255. */
const brightness = async (jpeg: Uint8Array | undefined): Promise<number> => {
  const child = execute(
    "ffmpeg",
    [..."-v error -f image2pipe -i - -vf scale=1:1,format=gray -f rawvideo -".split(" ")],
    { encoding: "buffer" },
  );
  child.child.stdin?.end(jpeg);
  const { stdout } = await child;
  return stdout[0] ?? Number.NaN;
};

describe("a poster", () => {
  it("is the same picture each time, and no black one where another is to be had", async () => {
    // Prepare
    const movie = await film(3);

    // Act
    const poster = await encoder.makePoster(movie, signal);
    const again = await encoder.makePoster(movie, signal);

    // Assess
    expect(again).toEqual(poster);
    expect(await brightness(poster)).toBeGreaterThan(60);
  });

  it("is black for a film that is", async () => {
    const poster = await encoder.makePoster(await film(6), signal);
    expect(await brightness(poster)).toBeLessThan(20);
  });
});
