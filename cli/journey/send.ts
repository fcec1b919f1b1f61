import type { Readable } from "node:stream";
import { type SluiceApi, type StreamSnapshot, upload, uploadStream } from "@sluice/client";
import { fileSource, resumeDirectory, streamSource } from "@sluice/client/node";
import type { Dispatch } from "@sluice/contracts";
import { contentType } from "mime-types";

export interface SendHooks {
  /** Stops sending: what can be resumed is left, what cannot be is ended. */
  readonly signal: AbortSignal;
  readonly onChange: (snapshot: StreamSnapshot) => void;
}

/** Brings the bytes of one video to the server; answers its id. */
export type Send = (hooks: SendHooks) => Promise<string>;

interface SendOptions {
  readonly api: SluiceApi;
  readonly title?: string | undefined;
  readonly dispatch?: Dispatch | undefined;
}

/** @param options.resumeDir remembers unfinished uploads, so that the same file goes on where it stopped */
export const sendFile =
  (file: string, options: SendOptions & { readonly resumeDir: string }): Send =>
  async ({ signal, onChange }) => {
    const source = await fileSource(file, typeOf(file));
    try {
      signal.throwIfAborted();
      const task = upload(options.api, source, {
        ...chosen(options),
        resumeStore: resumeDirectory(options.resumeDir),
        onChange,
      });
      return await untilAborted(task.result, signal, () => task.detach());
    } finally {
      await source.close();
    }
  };

export const sendStream =
  (stream: Readable, name: string, options: SendOptions): Send =>
  async ({ signal, onChange }) => {
    const source = streamSource(stream, { name, ...typeOf(name) });
    try {
      const task = uploadStream(options.api, source, { ...chosen(options), onChange });
      return await untilAborted(task.result, signal, () => task.cancel());
    } finally {
      source.close();
    }
  };

async function untilAborted(
  result: Promise<{ readonly videoId: string }>,
  signal: AbortSignal,
  stop: () => Promise<void>,
): Promise<string> {
  const onAbort = () => void stop();
  if (signal.aborted) onAbort();
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    return (await result).videoId;
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}

function chosen({ title, dispatch }: SendOptions) {
  return {
    ...(title === undefined ? {} : { title }),
    ...(dispatch === undefined ? {} : { dispatch }),
  };
}

function typeOf(name: string): { readonly contentType?: string } {
  const type = contentType(name.split("/").at(-1) ?? "");
  return type ? { contentType: type } : {};
}
