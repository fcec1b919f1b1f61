import type { UploadSnapshot } from "@sluice/client";

export interface UploadItem {
  readonly id: string;
  readonly fileName: string;
  /** Bytes. */
  readonly size: number;
  readonly state:
    | { readonly kind: "waiting" }
    | { readonly kind: "active"; readonly snapshot: UploadSnapshot }
    | { readonly kind: "done"; readonly videoId: string }
    | { readonly kind: "failed"; readonly sentence: string };
}

/** Files go one after the other: each already uses several connections. */
const maxActive = 1;

export function enqueue(
  items: readonly UploadItem[],
  files: readonly { readonly id: string; readonly name: string; readonly size: number }[],
): UploadItem[] {
  const added = files.map(
    ({ id, name, size }): UploadItem => ({ id, fileName: name, size, state: { kind: "waiting" } }),
  );
  return [...items, ...added];
}

export function setState(
  items: readonly UploadItem[],
  id: string,
  state: UploadItem["state"],
): UploadItem[] {
  return items.map((item) => (item.id === id ? { ...item, state } : item));
}

export function removeItem(items: readonly UploadItem[], id: string): UploadItem[] {
  return items.filter((item) => item.id !== id);
}

/** The item to start now; undefined while another is on its way. A paused one gives way. */
export function nextToStart(items: readonly UploadItem[]): UploadItem | undefined {
  const active = items.filter(
    ({ state }) => state.kind === "active" && state.snapshot.phase !== "paused",
  );
  if (active.length >= maxActive) return undefined;
  return items.find(({ state }) => state.kind === "waiting");
}

/** Whether leaving the page would interrupt something. */
export function isUploading(items: readonly UploadItem[]): boolean {
  return items.some(({ state }) => state.kind === "active" || state.kind === "waiting");
}

/** Done items stay until the library shows their video, so that nothing flickers in between. */
export function withoutShown(
  items: readonly UploadItem[],
  shown: ReadonlySet<string>,
): readonly UploadItem[] {
  const kept = items.filter(({ state }) => state.kind !== "done" || !shown.has(state.videoId));
  return kept.length === items.length ? items : kept;
}

/** Videos that an upload card stands for already. */
export function videosOf(items: readonly UploadItem[]): ReadonlySet<string> {
  const ids = items.map(({ state }) => {
    if (state.kind === "active") return state.snapshot.videoId;
    return state.kind === "done" ? state.videoId : undefined;
  });
  return new Set(ids.filter((id) => id !== undefined));
}
