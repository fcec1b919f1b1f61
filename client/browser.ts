import { SourceChangedError, UnreachableError } from "./errors.ts";
import type { Connectivity } from "./gate.ts";
import { type ResumeStore, resumeRecordSchema } from "./resume.ts";
import type { PartAnswer, PartRequest, UploadSource } from "./source.ts";

/** A file of the browser, sent by XMLHttpRequest: fetch does not report upload progress. */
export function blobSource(file: File): UploadSource {
  return {
    name: file.name,
    size: file.size,
    lastModified: file.lastModified,
    contentType: file.type,
    sendPart: (request) => sendByXhr(file, request),
    async verifyUnchanged() {
      try {
        // A browser refuses to read a File whose file on disk is not the one that was chosen.
        await file.slice(0, 1).arrayBuffer();
      } catch (error) {
        throw new SourceChangedError(file.name, { cause: error });
      }
    },
  };
}

function sendByXhr(file: File, { url, start, end, signal, onProgress }: PartRequest) {
  return new Promise<PartAnswer>((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const xhr = new XMLHttpRequest();
    const onAbort = () => xhr.abort();
    const settle = (then: () => void) => {
      signal.removeEventListener("abort", onAbort);
      then();
    };
    signal.addEventListener("abort", onAbort, { once: true });
    xhr.upload.onprogress = (event) => onProgress(Math.min(event.loaded, end - start));
    xhr.onabort = () => settle(() => reject(signal.reason));
    xhr.onerror = () =>
      settle(() => reject(new UnreachableError("The connection to the storage was lost.")));
    xhr.onload = () =>
      settle(() =>
        resolve({
          status: xhr.status,
          etag: xhr.getResponseHeader("etag") ?? undefined,
          retryAfter: exposedHeader(xhr, "retry-after"),
          body: xhr.responseText.slice(0, 4096),
        }),
      );
    xhr.open("PUT", url);
    // A Blob with a type would add a header that the link does not bind.
    xhr.send(file.slice(start, end, ""));
  });
}

/** Asking for a header that CORS does not expose is an error in the console; this one is optional. */
function exposedHeader(xhr: XMLHttpRequest, name: string): string | undefined {
  const isExposed = new RegExp(`^${name}:`, "im").test(xhr.getAllResponseHeaders());
  return isExposed ? (xhr.getResponseHeader(name) ?? undefined) : undefined;
}

export const browserConnectivity: Connectivity = {
  isOnline: () => navigator.onLine,
  onChange(listener) {
    addEventListener("online", listener);
    addEventListener("offline", listener);
    return () => {
      removeEventListener("online", listener);
      removeEventListener("offline", listener);
    };
  },
};

/** Keeps records in localStorage. Where that is refused (private windows), resuming just is not possible. */
export function localStorageResumeStore(prefix = "sluice.upload."): ResumeStore {
  const attempt = <T>(work: () => T): T | undefined => {
    try {
      return work();
    } catch {
      return undefined;
    }
  };
  return {
    load: async (key) =>
      attempt(() => {
        const stored = localStorage.getItem(prefix + key);
        return stored ? resumeRecordSchema.parse(JSON.parse(stored)) : undefined;
      }),
    save: async (key, record) =>
      attempt(() => localStorage.setItem(prefix + key, JSON.stringify(record))),
    remove: async (key) => attempt(() => localStorage.removeItem(prefix + key)),
  };
}
