import { randomUUID } from "node:crypto";
import { createReadStream, mkdirSync, readdirSync, rmSync } from "node:fs";
import { open, unlink } from "node:fs/promises";
import path from "node:path";
import type { Log } from "../../context.ts";
import { diskFull, isDiskFull } from "../../disk-full.ts";
import type { Digest } from "../checksums/algorithms.ts";

/** What a write needs of a file; tests put a full disk here. */
export interface BlobFile {
  writev(buffers: readonly NodeJS.ArrayBufferView[]): Promise<{ readonly bytesWritten: number }>;
  close(): Promise<void>;
}

/** Bytes `start` to `end` (inclusive) of a blob. */
export interface BlobSlice {
  readonly blob: string;
  readonly start: number;
  readonly end: number;
}

const batchBytes = 1024 * 1024;
const readBytes = 256 * 1024;

/**
 * Immutable files, each named by an id of its own. A blob counts once a row names it; one without a
 * row is what a crash or a refused request left, and goes at the next start.
 */
export class BlobStore {
  readonly #directory: string;
  readonly #log: Log;
  readonly #openFile: (file: string) => Promise<BlobFile>;
  readonly #readers = new Map<string, number>();
  readonly #doomed = new Set<string>();

  constructor(
    directory: string,
    log: Log,
    openFile: (file: string) => Promise<BlobFile> = (file) => open(file, "wx", 0o600),
  ) {
    this.#directory = directory;
    this.#log = log;
    this.#openFile = openFile;
    for (let folder = 0; folder < 256; folder++) {
      mkdirSync(path.join(directory, folder.toString(16).padStart(2, "0")), {
        recursive: true,
        mode: 0o700,
      });
    }
  }

  /**
   * Streams a body to disk, holding at most two batches of it.
   * Not synced to the device: it survives the end of the process, not a loss of power.
   * @throws what `chunks` throws, or AwsError 503 when the disk is full; then nothing is left behind
   */
  async write(
    chunks: AsyncIterable<Buffer>,
    digests: readonly Digest[],
  ): Promise<{ readonly blob: string; readonly size: number }> {
    const blob = randomUUID().replaceAll("-", "");
    const file = this.#pathOf(blob);
    const handle = await this.#openFile(file).catch((error: unknown) => {
      throw isDiskFull(error) ? diskFull() : error;
    });
    let size = 0;
    let batch: Buffer[] = [];
    let batched = 0;
    let writing: Promise<void> = Promise.resolve();
    try {
      for await (const chunk of chunks) {
        for (const digest of digests) digest.update(chunk);
        size += chunk.length;
        batch.push(chunk);
        batched += chunk.length;
        if (batched < batchBytes) continue;
        await writing;
        writing = writeWhole(handle, batch);
        // Awaited at the next batch: until then a failure must not count as unhandled.
        writing.catch(() => {});
        batch = [];
        batched = 0;
      }
      await writing;
      if (batch.length > 0) await writeWhole(handle, batch);
      await handle.close();
      return { blob, size };
    } catch (error) {
      await writing.catch(() => {});
      await handle.close().catch(() => {});
      await unlink(file).catch(() => {});
      throw isDiskFull(error) ? diskFull() : error;
    }
  }

  /** Keeps blobs readable until the returned function is called, though they be removed meanwhile. */
  hold(blobs: readonly string[]): () => void {
    for (const blob of blobs) this.#readers.set(blob, (this.#readers.get(blob) ?? 0) + 1);
    return () => {
      for (const blob of blobs) {
        const readers = (this.#readers.get(blob) ?? 1) - 1;
        if (readers > 0) this.#readers.set(blob, readers);
        else {
          this.#readers.delete(blob);
          if (this.#doomed.delete(blob)) void this.remove([blob]);
        }
      }
    };
  }

  async *read(slices: Iterable<BlobSlice>): AsyncGenerator<Buffer> {
    for (const { blob, start, end } of slices) {
      if (end < start) continue;
      yield* createReadStream(this.#pathOf(blob), { start, end, highWaterMark: readBytes });
    }
  }

  /** Removes blobs that no row names any more. What cannot be removed goes at the next start. */
  async remove(blobs: readonly string[]): Promise<void> {
    for (const blob of blobs) {
      if (this.#readers.has(blob)) {
        this.#doomed.add(blob);
        continue;
      }
      await unlink(this.#pathOf(blob)).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== "ENOENT") {
          this.#log("warn", "A blob could not be removed", { blob, error: error.message });
        }
      });
    }
  }

  /** Removes every blob that is not `known`. Synchronous, so that no upload can begin meanwhile. */
  sweep(known: (blob: string) => boolean): number {
    let removed = 0;
    for (const folder of readdirSync(this.#directory)) {
      for (const blob of readdirSync(path.join(this.#directory, folder))) {
        if (known(blob)) continue;
        rmSync(path.join(this.#directory, folder, blob), { force: true, recursive: true });
        removed++;
      }
    }
    return removed;
  }

  #pathOf(blob: string): string {
    return path.join(this.#directory, blob.slice(0, 2), blob);
  }
}

async function writeWhole(handle: BlobFile, buffers: readonly Buffer[]): Promise<void> {
  let left = buffers;
  while (left.length > 0) {
    let { bytesWritten } = await handle.writev(left);
    // A disk that fills up may take a part and only then refuse.
    const rest: Buffer[] = [];
    for (const buffer of left) {
      const taken = Math.min(bytesWritten, buffer.length);
      bytesWritten -= taken;
      if (taken < buffer.length) rest.push(buffer.subarray(taken));
    }
    left = rest;
  }
}
