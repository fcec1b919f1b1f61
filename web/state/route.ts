import { signal } from "@preact/signals";

export type Route =
  | { readonly view: "library" }
  | { readonly view: "player"; readonly videoId: string };

function parseRoute(hash: string): Route {
  const [, videoId] = /^#\/videos\/([0-9a-fA-F-]{36})$/.exec(hash) ?? [];
  return videoId ? { view: "player", videoId } : { view: "library" };
}

export function watchHref(videoId: string): string {
  return `#/videos/${videoId}`;
}

export const route = signal<Route>(parseRoute(location.hash));

addEventListener("hashchange", () => {
  route.value = parseRoute(location.hash);
  scrollTo(0, 0);
});

export function openLibrary(): void {
  location.hash = "#/";
}
