import { type IncomingMessage, request as requestByHttp } from "node:http";
import { request as requestByHttps } from "node:https";

export interface LinkRequest {
  readonly method: "GET" | "PUT";
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
  readonly signal: AbortSignal;
}

/**
 * Sends one request and answers once its head has come; the body must be read or destroyed. All
 * that ffmpeg reads and writes goes this way, and `fetch`, whose web streams touch every chunk once
 * more, takes half as much CPU time again.
 */
export const requestLink = (
  url: string,
  { method, headers, body, signal }: LinkRequest,
): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => {
    const send = url.startsWith("https:") ? requestByHttps : requestByHttp;
    send(url, {
      method,
      headers: { ...headers, ...(body && { "content-length": String(body.length) }) },
      signal,
    })
      .once("response", resolve)
      .once("error", reject)
      .end(body);
  });

/** The whole body; undefined, and the connection is cut, when it is longer than `maxBytes`. */
export const readBody = async (
  response: IncomingMessage,
  maxBytes: number,
): Promise<Uint8Array | undefined> => {
  if (Number(response.headers["content-length"] ?? 0) > maxBytes) {
    response.destroy();
    return undefined;
  }
  const bytes = new Uint8Array(maxBytes);
  let length = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    if (length + chunk.length > maxBytes) return undefined;
    bytes.set(chunk, length);
    length += chunk.length;
  }
  return bytes.subarray(0, length);
};
