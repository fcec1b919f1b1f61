import type { Migration } from "../migrator.ts";

/** A task is named for its work: `video` becomes `transcode`. Ids of tasks that exist stay. */
export const taskKinds: Migration = {
  id: "0002_task_kinds",
  sql: /* sql */ `
ALTER TABLE tasks DROP CONSTRAINT tasks_kind_check;
UPDATE tasks SET kind = 'transcode', spec = jsonb_set(spec, '{kind}', '"transcode"') WHERE kind = 'video';
ALTER TABLE tasks ADD CONSTRAINT tasks_kind_check
  CHECK (kind IN ('transcode', 'audio', 'thumbnail', 'metadata'));
`,
};
