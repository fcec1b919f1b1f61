import { once } from "node:events";
import { type FileHandle, mkdir, open, readFile, rename, writeFile } from "node:fs/promises";
import http from "node:http";
import https from "node:https";
import { basename, dirname } from "node:path";
import { z } from "zod";
import { SourceChangedError, UnreachableError } from "./errors.ts";
import { type ResumeRecord, type ResumeStore, resumeRecordSchema } from "./resume.ts";
import type { PartAnswer, PartRequest, UploadSource } from "./source.ts";

/** An UploadSource that holds a file open; close it when the upload has settled. */
export interface FileSource extends UploadSource {
  close(): Promise<void>;
}

const chunkBytes = 512 * 1024;
const maxErrorBodyBytes = 4096;

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
    const agents = {
      "http:": new http.Agent({ keepAlive: true, maxSockets: 16 }),
      "https:": new https.Agent({ keepAlive: true, maxSockets: 16 }),
    };
    return {
      name,
      size: stat.size,
      lastModified: Math.trunc(stat.mtimeMs),
      ...(options.contentType && { contentType: options.contentType }),
      sendPart: (request) => sendByHttp(file, agents, request),
      async verifyUnchanged() {
        const now = await file.stat();
        if (now.size !== stat.size || now.mtimeMs !== stat.mtimeMs) {
          throw new SourceChangedError(name);
        }
      },
      async close() {
        for (const agent of Object.values(agents)) agent.destroy();
        await file.close();
      },
    };
  } catch (error) {
    await file.close();
    throw error;
  }
}

type Agents = { readonly "http:": http.Agent; readonly "https:": https.Agent };

function sendByHttp(file: FileHandle, agents: Agents, part: PartRequest): Promise<PartAnswer> {
  return new Promise((resolve, reject) => {
    if (part.signal.aborted) return reject(part.signal.reason);
    const secure = new URL(part.url).protocol === "https:";
    const request = (secure ? https : http).request(part.url, {
      method: "PUT",
      agent: secure ? agents["https:"] : agents["http:"],
      headers: { "content-length": part.end - part.start },
    });
    const body = new AbortController();
    const settle = (then: () => void) => {
      part.signal.removeEventListener("abort", onAbort);
      body.abort();
      then();
    };
    const fail = (error: unknown) =>
      settle(() => {
        request.destroy();
        reject(
          part.signal.aborted
            ? part.signal.reason
            : new UnreachableError("The connection to the storage was lost.", { cause: error }),
        );
      });
    const onAbort = () => fail(part.signal.reason);
    part.signal.addEventListener("abort", onAbort, { once: true });
    request.on("error", fail);
    request.on("response", (response) => {
      readAnswer(response).then((answer) => {
        // Answered before the whole part was read: the connection cannot carry another request.
        if (!request.writableEnded) request.destroy();
        settle(() => resolve(answer));
      }, fail);
    });
    writeBody(request, file, part, body.signal).catch((error) => {
      if (!body.signal.aborted) fail(error);
    });
  });
}

/** Reads one chunk ahead of what is being written. A ReadStream would close the shared file. */
async function writeBody(
  request: http.ClientRequest,
  file: FileHandle,
  { start, end, onProgress }: PartRequest,
  signal: AbortSignal,
): Promise<void> {
  let position = start;
  let flushed = 0;
  const read = async (): Promise<Buffer> => {
    const length = Math.min(chunkBytes, end - position);
    const { buffer, bytesRead } = await file.read(Buffer.allocUnsafe(length), 0, length, position);
    if (bytesRead === 0) throw new Error("The file ended early.");
    position += bytesRead;
    return buffer.subarray(0, bytesRead);
  };
  let chunk: Buffer | undefined = await read();
  while (chunk) {
    signal.throwIfAborted();
    const { length } = chunk;
    const isRoom: boolean = request.write(chunk, (error) => {
      if (error || signal.aborted) return;
      flushed += length;
      onProgress(flushed);
    });
    const next: Promise<Buffer | undefined> = position < end ? read() : Promise.resolve(undefined);
    await Promise.all([next, isRoom ? undefined : once(request, "drain", { signal })]);
    chunk = await next;
  }
  request.end();
}

async function readAnswer(response: http.IncomingMessage): Promise<PartAnswer> {
  let body = "";
  response.setEncoding("utf8");
  for await (const chunk of response) {
    if (body.length < maxErrorBodyBytes) body += chunk;
  }
  return {
    status: response.statusCode ?? 0,
    etag: response.headers.etag,
    retryAfter: response.headers["retry-after"],
    body: body.slice(0, maxErrorBodyBytes),
  };
}

const fileSchema = z.record(z.string(), resumeRecordSchema);

/** Keeps records in one small JSON file, replaced as a whole. A file that cannot be read counts as empty. */
export function fileResumeStore(path: string): ResumeStore {
  let last: Promise<unknown> = Promise.resolve();
  const read = async (): Promise<Record<string, ResumeRecord>> => {
    try {
      return fileSchema.parse(JSON.parse(await readFile(path, "utf8")));
    } catch {
      return {};
    }
  };
  const change = (edit: (records: Record<string, ResumeRecord>) => void): Promise<void> => {
    const next = last.then(async () => {
      try {
        const records = await read();
        edit(records);
        await mkdir(dirname(path), { recursive: true });
        await writeFile(`${path}.new`, JSON.stringify(records), { mode: 0o600 });
        await rename(`${path}.new`, path);
      } catch {
        // Resuming is then not possible, uploading is.
      }
    });
    last = next;
    return next;
  };
  return {
    load: async (key) => (await read())[key],
    save: (key, record) =>
      change((records) => {
        records[key] = record;
      }),
    remove: (key) =>
      change((records) => {
        delete records[key];
      }),
  };
}
