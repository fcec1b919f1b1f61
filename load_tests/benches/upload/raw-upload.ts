import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { Agent, request } from "node:http";
import { pipeline } from "node:stream/promises";
import PQueue from "p-queue";

/** The file in parts, each a PUT of its own, `connections` at a time: no checks, no second try. */
export async function rawUpload(
  file: string,
  url: string,
  { partBytes, connections }: { readonly partBytes: number; readonly connections: number },
): Promise<void> {
  const { size } = await stat(file);
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const queue = new PQueue({ concurrency: connections });
  const starts = Array.from({ length: Math.ceil(size / partBytes) }, (_, part) => part * partBytes);
  try {
    await queue.addAll(
      starts.map((start) => () => {
        const end = Math.min(start + partBytes, size);
        return putRange(file, `${url}/${start}`, start, end, agent);
      }),
    );
  } finally {
    agent.destroy();
  }
}

function putRange(file: string, url: string, start: number, end: number, agent: Agent) {
  return new Promise<void>((resolve, reject) => {
    const put = request(url, {
      method: "PUT",
      agent,
      headers: { "content-length": end - start },
    });
    put.on("error", reject);
    put.on("response", (response) => {
      response.resume();
      response.on("end", () =>
        response.statusCode === 200
          ? resolve()
          : reject(new Error(`The raw server answered ${response.statusCode}.`)),
      );
    });
    pipeline(createReadStream(file, { start, end: end - 1, highWaterMark: 512 * 1024 }), put).catch(
      reject,
    );
  });
}
