import { effect, signal } from "@preact/signals";
import { UploadCanceledError, type UploadSnapshot, type UploadTask, upload } from "@sluice/client";
import { blobSource, browserConnectivity, localStorageResumeStore } from "@sluice/client/browser";
import { sentenceFor } from "../text/sentences.ts";
import { announce } from "./announce.ts";
import { getApi } from "./api.ts";
import { refresh, videos, whileBusy } from "./library.ts";
import {
  enqueue,
  isUploading,
  nextToStart,
  removeItem,
  setState,
  type UploadItem,
  withoutShown,
} from "./upload-queue.ts";

export const uploads = signal<readonly UploadItem[]>([]);

const files = new Map<string, File>();
const tasks = new Map<string, UploadTask>();
const resumeStore = localStorageResumeStore();
let lastId = 0;

export function addFiles(chosen: readonly File[]): void {
  const added = chosen.map((file) => {
    lastId += 1;
    const id = `upload-${lastId}`;
    files.set(id, file);
    return { id, name: file.name, size: file.size };
  });
  uploads.value = enqueue(uploads.value, added);
  startNext();
}

export function pauseUpload(id: string): void {
  tasks.get(id)?.pause();
  startNext();
}

export function resumeUpload(id: string): void {
  tasks.get(id)?.resume();
}

export function retryUpload(id: string): void {
  uploads.value = setState(uploads.value, id, { kind: "waiting" });
  startNext();
}

/** Ends an upload, or takes a failed or waiting one off the list. */
export function dismissUpload(id: string): void {
  void tasks.get(id)?.cancel();
  forget(id);
  startNext();
}

function startNext(): void {
  const item = nextToStart(uploads.value);
  const file = item && files.get(item.id);
  if (!item || !file) return;
  void run(item.id, file);
}

async function run(id: string, file: File): Promise<void> {
  uploads.value = setState(uploads.value, id, { kind: "active", snapshot: preparing(file) });
  const show = eachFrame((snapshot: UploadSnapshot) => {
    if (tasks.has(id)) uploads.value = setState(uploads.value, id, { kind: "active", snapshot });
  });
  try {
    const api = await getApi();
    // Dismissed while the configuration was being read.
    if (!files.has(id)) return;
    const task = upload(api, blobSource(file), {
      resumeStore,
      connectivity: browserConnectivity,
      onChange: show,
    });
    tasks.set(id, task);
    const { videoId } = await task.result;
    tasks.delete(id);
    files.delete(id);
    uploads.value = setState(uploads.value, id, { kind: "done", videoId });
    announce(`${file.name} is uploaded.`);
    void refresh();
  } catch (error) {
    tasks.delete(id);
    if (error instanceof UploadCanceledError) return;
    const sentence = sentenceFor(error);
    uploads.value = setState(uploads.value, id, { kind: "failed", sentence });
    announce(`${file.name} could not be uploaded. ${sentence}`);
  } finally {
    startNext();
  }
}

function forget(id: string): void {
  tasks.delete(id);
  files.delete(id);
  uploads.value = removeItem(uploads.value, id);
}

function preparing(file: File): UploadSnapshot {
  return {
    phase: "preparing",
    videoId: undefined,
    totalBytes: file.size,
    confirmedBytes: 0,
    bytes: 0,
    bytesPerSecond: undefined,
    secondsLeft: undefined,
    trouble: undefined,
  };
}

/** At most ten times a second, and always the last value. */
function eachFrame<T>(show: (value: T) => void): (value: T) => void {
  let latest: { value: T } | undefined;
  return (value) => {
    if (latest) {
      latest = { value };
      return;
    }
    show(value);
    latest = { value };
    setTimeout(() => {
      if (latest && latest.value !== value) show(latest.value);
      latest = undefined;
    }, 100);
  };
}

whileBusy(() => isUploading(uploads.value));

effect(() => {
  const shown = new Set(
    videos.value.filter(({ status }) => status !== "uploading").map(({ videoId }) => videoId),
  );
  uploads.value = withoutShown(uploads.value, shown);
});

addEventListener("beforeunload", (event) => {
  if (isUploading(uploads.value)) event.preventDefault();
});
