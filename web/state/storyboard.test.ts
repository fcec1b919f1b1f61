import { expect, test } from "vitest";
import { parseStoryboard, spriteAt } from "./storyboard.ts";

const base = "https://edge.example/videos/v/p/storyboard.vtt";
const text = [
  "WEBVTT",
  "00:00:00.000 --> 00:00:02.000\nstoryboard-000.jpg#xywh=0,0,160,90",
  "00:00:02.000 --> 00:00:03.500\nstoryboard-000.jpg#xywh=160,0,160,90",
  "01:00:00.000 --> 01:00:02.000\nstoryboard-001.jpg#xywh=0,90,160,90",
].join("\n\n");

test("a storyboard names a sprite for each moment, on sheets beside it", () => {
  const sprites = parseStoryboard(`${text}\n`, base);
  expect(sprites).toHaveLength(3);
  expect(sprites[2]).toEqual({
    ...{ startSeconds: 3_600, endSeconds: 3_602, x: 0, y: 90, width: 160, height: 90 },
    sheet: "https://edge.example/videos/v/p/storyboard-001.jpg",
  });
  expect([0, 1.99, 2, 3.4, 3_601, 9_999].map((at) => spriteAt(sprites, at)?.x)).toEqual([
    ...[0, 0, 160, 160, 0, 0],
  ]);
});

test("what is no storyboard has no sprites", () => {
  for (const other of ["", "<!doctype html>", "WEBVTT\n\n00:00.000 --> 00:01.000\nHello"])
    expect(parseStoryboard(other, base)).toEqual([]);
  expect(spriteAt([], 1)).toBeUndefined();
});

test("line ends of any kind are read", () => {
  expect(parseStoryboard(text.replaceAll("\n", "\r\n"), base)).toHaveLength(3);
});
