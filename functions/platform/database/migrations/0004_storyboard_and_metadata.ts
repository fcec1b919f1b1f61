import type { Migration } from "../migrator.ts";

/** What the tasks `thumbnail` and `metadata` leave behind. */
export const storyboardAndMetadata: Migration = {
  id: "0004_storyboard_and_metadata",
  sql: /* sql */ `
ALTER TABLE videos
  ADD COLUMN has_storyboard boolean NOT NULL DEFAULT false,
  -- What the file says of itself, as the contract shows it.
  ADD COLUMN metadata       jsonb;
`,
};
