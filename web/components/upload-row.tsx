import type { UploadSnapshot } from "@sluice/client";
import type { UploadItem } from "../state/upload-queue.ts";
import { dismissUpload, pauseUpload, resumeUpload, retryUpload } from "../state/uploads.ts";
import { formatBytes, formatPercent, formatSpeed, formatTimeLeft } from "../text/format.ts";
import { CloseIcon, PauseIcon, PlayIcon, RetryIcon, WarningIcon } from "./icons.tsx";
import { ProgressBar } from "./progress-bar.tsx";
import { Tank } from "./tank.tsx";

export function UploadRow({ item }: { item: UploadItem }) {
  const { state, fileName, size } = item;
  const bytes = state.kind === "active" ? state.snapshot.bytes : state.kind === "done" ? size : 0;
  const isMoving = state.kind === "active" && state.snapshot.phase === "uploading";
  return (
    <li class="row">
      {state.kind === "failed" ? (
        <div class="poster failure failure-small" aria-hidden="true">
          <WarningIcon />
        </div>
      ) : (
        <Tank done={bytes} total={size} still={!isMoving} />
      )}
      <div class="row-body">
        <div class="row-head">
          <h3 class="row-title" title={fileName}>
            {fileName}
          </h3>
          <Actions item={item} />
        </div>
        {state.kind !== "failed" && (
          <ProgressBar
            label={`Upload of ${fileName}`}
            done={bytes}
            total={size}
            {...(!isMoving && { tone: "paused" as const })}
          />
        )}
        <Status item={item} />
      </div>
    </li>
  );
}

function Status({ item: { state, size } }: { item: UploadItem }) {
  if (state.kind === "failed") return <p class="row-status row-error">{state.sentence}</p>;
  if (state.kind === "waiting") {
    return <p class="row-status">Waiting its turn · {formatBytes(size)}</p>;
  }
  if (state.kind === "done") return <p class="row-status">Uploaded. Getting it ready…</p>;
  return (
    <p class="row-status">
      {phaseText(state.snapshot)}
      <span class="row-figures">{figures(state.snapshot)}</span>
    </p>
  );
}

function phaseText({ phase, trouble }: UploadSnapshot): string {
  if (trouble) {
    return trouble.offline
      ? "You are offline. It goes on when the network is back."
      : "Connection lost, trying again…";
  }
  switch (phase) {
    case "preparing":
      return "Preparing…";
    case "paused":
      return "Paused";
    case "completing":
      return "Putting it together…";
    default:
      return "Uploading";
  }
}

function figures({ bytes, totalBytes, bytesPerSecond, secondsLeft }: UploadSnapshot): string {
  const parts = [
    `${formatBytes(bytes)} of ${formatBytes(totalBytes)}`,
    formatPercent(bytes, totalBytes),
  ];
  if (bytesPerSecond) parts.push(formatSpeed(bytesPerSecond));
  if (secondsLeft !== undefined) parts.push(formatTimeLeft(secondsLeft));
  return parts.join(" · ");
}

function Actions({ item: { id, fileName, state } }: { item: UploadItem }) {
  if (state.kind === "done") return null;
  const phase = state.kind === "active" ? state.snapshot.phase : undefined;
  return (
    <div class="row-actions">
      {state.kind === "failed" && (
        <button type="button" class="icon-button" onClick={() => retryUpload(id)}>
          <RetryIcon />
          <span class="visually-hidden">Try the upload of {fileName} again</span>
        </button>
      )}
      {(phase === "uploading" || phase === "preparing") && (
        <button type="button" class="icon-button" onClick={() => pauseUpload(id)}>
          <PauseIcon />
          <span class="visually-hidden">Pause the upload of {fileName}</span>
        </button>
      )}
      {phase === "paused" && (
        <button type="button" class="icon-button" onClick={() => resumeUpload(id)}>
          <PlayIcon />
          <span class="visually-hidden">Go on with the upload of {fileName}</span>
        </button>
      )}
      {phase !== "completing" && (
        <button type="button" class="icon-button" onClick={() => dismissUpload(id)}>
          <CloseIcon />
          <span class="visually-hidden">
            {state.kind === "failed" ? "Dismiss" : "Cancel"} the upload of {fileName}
          </span>
        </button>
      )}
    </div>
  );
}
