import type { Migration } from "../migrator.ts";

/** Uploads whose length is known at their end only. How many parts make a file follows from its size. */
export const unknownSize: Migration = {
  id: "0006_unknown_size",
  sql: /* sql */ `
ALTER TABLE uploads ALTER COLUMN size_bytes DROP NOT NULL;
ALTER TABLE uploads DROP COLUMN part_count;
ALTER TABLE videos ALTER COLUMN source_bytes DROP NOT NULL;
`,
};
