import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect } from "vitest";
import { RawApi } from "./api.ts";
import { makeClip } from "./media.ts";
import { type ReadyEvent, SluiceProcess } from "./sluice-process.ts";

/** One Sluice for a file of tests, in a directory of its own; its members are there once the tests run. */
export function sluiceForTests() {
  const running = {} as {
    directory: string;
    dataDir: string;
    ready: ReadyEvent;
    api: RawApi;
    /** A video of two seconds, which is uploaded already. */
    clip: Buffer;
  };
  let sluice: SluiceProcess | undefined;

  beforeAll(async () => {
    running.directory = await mkdtemp(join(tmpdir(), "sluice-test-"));
    running.dataDir = join(running.directory, "data");
    // A file makes the start skip its sample clip; this one also serves the tests.
    const file = await makeClip(running.directory, "clip.mp4", { seconds: 2 });
    running.clip = await readFile(file);
    sluice = new SluiceProcess(["--port", "0", "--data-dir", running.dataDir, file]);
    running.ready = await sluice.ready();
    running.api = new RawApi(running.ready);
    await sluice.waitFor(({ event }) => event === "done");
  });
  afterAll(async () => {
    await sluice?.stop();
    await rm(running.directory, { recursive: true, force: true });
  });
  return running;
}

/** An answer in the form of RFC 9457. */
export const problem = (status: number, code: string) =>
  expect.objectContaining({
    status,
    type: expect.stringContaining("application/problem+json"),
    body: expect.objectContaining({ code, status, detail: expect.stringMatching(/\w/) }),
  });
