import { useRef } from "preact/hooks";
import { addFiles } from "../state/uploads.ts";
import { UploadIcon } from "./icons.tsx";

/** Choosing is the way that works everywhere; dragging works on the whole page (`file-drop.tsx`). */
export function DropZone() {
  const input = useRef<HTMLInputElement>(null);
  return (
    <section class="drop" aria-label="Upload">
      <svg class="drop-waves" viewBox="0 0 128 12" preserveAspectRatio="none" aria-hidden="true">
        <path d="M0 5c10.700-5 21.300-5 32 0s21.300 5 32 0 21.300-5 32 0 21.300 5 32 0v7H0Z" />
        <path d="M0 8c10.700-4 21.300-4 32 0s21.300 4 32 0 21.300-4 32 0 21.300 4 32 0v4H0Z" />
      </svg>
      <div class="drop-text">
        <p class="drop-title">
          <span class="drop-mouse">Drop videos anywhere on this page</span>
          <span class="drop-touch">Upload your videos</span>
        </p>
        <p class="drop-hint">Any format, several at once. Interrupted uploads resume.</p>
      </div>
      <button type="button" class="button button-main" onClick={() => input.current?.click()}>
        <UploadIcon />
        Choose files
      </button>
      <input
        ref={input}
        class="visually-hidden"
        type="file"
        accept="video/*,audio/*,.mkv,.mov,.mp4,.webm,.avi,.ts,.m2ts,.mxf,.flac,.opus"
        multiple
        tabIndex={-1}
        aria-hidden="true"
        onChange={({ currentTarget }) => {
          addFiles([...(currentTarget.files ?? [])]);
          // The same file may be chosen again.
          currentTarget.value = "";
        }}
      />
    </section>
  );
}
