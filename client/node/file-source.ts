import { type FileHandle, open } from "node:fs/promises";
import { basename } from "node:path";
import { SourceChangedError } from "../errors.ts";
import type { UploadSource } from "../source.ts";
import { closeAgents, openAgents, putPart } from "./part-request.ts";

/** An UploadSource that holds a file open; close it when the upload has settled. */
export interface FileSource extends UploadSource {
  close(): Promise<void>;
}

const chunkBytes = 512 * 1024;

/**
 * A file of this machine. Ranges are streamed, never held: a part in flight costs a few chunks.
 * @throws the system's error (ENOENT, EACCES), or EISDIR for what is not a regular file
 */
export async function fileSource(
  path: string,
  options: { readonly name?: string; readonly contentType?: string } = {},
): Promise<FileSource> {
  const file = await open(path, "r");
  try {
    const stat = await file.stat();
    if (!stat.isFile()) {
      throw Object.assign(new Error(`"${path}" is not a file.`), { code: "EISDIR" });
    }
    const name = options.name ?? basename(path);
    const agents = openAgents();
    return {
      name,
      size: stat.size,
      lastModified: Math.trunc(stat.mtimeMs),
      ...(options.contentType && { contentType: options.contentType }),
      sendPart: (part) => putPart(agents, part, fileChunks(file, part.start, part.end)),
      async verifyUnchanged() {
        const now = await file.stat();
        if (now.size !== stat.size || now.mtimeMs !== stat.mtimeMs) {
          throw new SourceChangedError(name);
        }
      },
      async close() {
        closeAgents(agents);
        await file.close();
      },
    };
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** A ReadStream would close the shared file. */
async function* fileChunks(file: FileHandle, start: number, end: number): AsyncGenerator<Buffer> {
  for (let position = start; position < end; ) {
    const length = Math.min(chunkBytes, end - position);
    const { buffer, bytesRead } = await file.read(Buffer.allocUnsafe(length), 0, length, position);
    if (bytesRead === 0) throw new Error("The file ended early.");
    position += bytesRead;
    yield buffer.subarray(0, bytesRead);
  }
}
