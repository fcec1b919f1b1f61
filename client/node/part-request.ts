import { once } from "node:events";
import http from "node:http";
import https from "node:https";
import { UnreachableError } from "../errors.ts";
import type { PartAnswer, PartRequest } from "../source.ts";

const maxErrorBodyBytes = 4096;

export type Agents = { readonly "http:": http.Agent; readonly "https:": https.Agent };

export function openAgents(): Agents {
  return {
    "http:": new http.Agent({ keepAlive: true, maxSockets: 16 }),
    "https:": new https.Agent({ keepAlive: true, maxSockets: 16 }),
  };
}

export function closeAgents(agents: Agents): void {
  for (const agent of Object.values(agents)) agent.destroy();
}

/** One PUT of one part, whose bytes come in chunks. */
export function putPart(
  agents: Agents,
  part: PartRequest,
  chunks: AsyncIterator<Buffer>,
): Promise<PartAnswer> {
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
    writeBody(request, chunks, part.onProgress, body.signal).catch((error) => {
      if (!body.signal.aborted) fail(error);
    });
  });
}

/** Reads one chunk ahead of what is being written. */
async function writeBody(
  request: http.ClientRequest,
  chunks: AsyncIterator<Buffer>,
  onProgress: (bytes: number) => void,
  signal: AbortSignal,
): Promise<void> {
  let flushed = 0;
  let chunk = await chunks.next();
  while (!chunk.done) {
    signal.throwIfAborted();
    const { length } = chunk.value;
    const isRoom: boolean = request.write(chunk.value, (error) => {
      if (error || signal.aborted) return;
      flushed += length;
      onProgress(flushed);
    });
    const next = chunks.next();
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
