import type { Migration } from "../migrator.ts";
import { videos } from "./0001_videos.ts";
import { taskKinds } from "./0002_task_kinds.ts";
import { dispatch } from "./0003_dispatch.ts";
import { storyboardAndMetadata } from "./0004_storyboard_and_metadata.ts";
import { webhooks } from "./0005_webhooks.ts";
import { unknownSize } from "./0006_unknown_size.ts";
import { playbackLinks } from "./0007_playback_links.ts";

/**
 * Every migration in the order it is applied. Add at the end; never edit one that has shipped.
 *
 * SQL lives in modules, because these run three ways: bundled by esbuild, by Node itself and by
 * vitest, and only a module is found by all of them.
 */
export const migrations: readonly Migration[] = [
  videos,
  taskKinds,
  dispatch,
  storyboardAndMetadata,
  webhooks,
  unknownSize,
  playbackLinks,
];
