import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { buildWeb } from "./build.ts";

let outDir: string;
let files: string[];
beforeAll(async () => {
  outDir = await mkdtemp(join(tmpdir(), "sluice-web-"));
  files = await buildWeb(outDir);
});
afterAll(() => rm(outDir, { recursive: true }));

test("index.html names only files that were built, each by its content", async () => {
  const html = await readFile(join(outDir, "index.html"), "utf8");
  const named = [...html.matchAll(/(?:src|href)="\/([^"]+)"/g)].map(([, file]) => file);
  expect(named).toHaveLength(3);
  for (const file of named) {
    expect(files).toContain(file);
    expect(file).toMatch(/^assets\/[a-z]+-[A-Z0-9]{8}\.(js|css|svg)$/);
  }
});

test("nothing is inline, so that a strict Content-Security-Policy holds", async () => {
  const html = await readFile(join(outDir, "index.html"), "utf8");
  expect(html).not.toMatch(/<script(?![^>]*\bsrc=)|<style|\son\w+=|\sstyle=/);
});

test("the player's library is a chunk of its own, and the page is small without it", async () => {
  const sizes = new Map<string, number>();
  for (const file of files) sizes.set(file, (await readFile(join(outDir, file))).length);
  const [main] = files.filter((file) => file.startsWith("assets/main-"));
  const [hls] = files.filter((file) => file.startsWith("assets/hls-"));
  expect(sizes.get(hls ?? "")).toBeGreaterThan(300_000);
  expect(sizes.get(main ?? "")).toBeLessThan(320_000);
});

test("building twice writes the same names", async () => {
  expect(await buildWeb(outDir)).toEqual(files);
});
