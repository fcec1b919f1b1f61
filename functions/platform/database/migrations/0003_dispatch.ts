import type { Migration } from "../migrator.ts";

/** How a video's tasks reach workers, and the signs of life by which the sweeper sees what is lost. */
export const dispatch: Migration = {
  id: "0003_dispatch",
  sql: /* sql */ `
ALTER TABLE videos
  ADD COLUMN dispatch     text NOT NULL DEFAULT 'pull' CHECK (dispatch IN ('pull', 'push')),
  ADD COLUMN status_since timestamptz NOT NULL DEFAULT now(),
  -- When the sweeper last took this video up in its present status, and how often.
  ADD COLUMN swept_at     timestamptz,
  ADD COLUMN sweeps       integer NOT NULL DEFAULT 0,
  -- Of a video that failed: when its source and all that was made of it were removed.
  ADD COLUMN cleaned_at   timestamptz;
CREATE INDEX videos_to_sweep ON videos (status, status_since) WHERE status <> 'ready';

-- Here and not in each statement that changes a status: none can forget it.
CREATE FUNCTION videos_status_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.status_since := now();
  NEW.swept_at := NULL;
  NEW.sweeps := 0;
  RETURN NEW;
END
$$;
CREATE TRIGGER videos_status_changed BEFORE UPDATE OF status ON videos
  FOR EACH ROW WHEN (OLD.status IS DISTINCT FROM NEW.status)
  EXECUTE FUNCTION videos_status_changed();

-- A part signed, listed or completed: the uploader is there.
ALTER TABLE uploads ADD COLUMN active_at timestamptz NOT NULL DEFAULT now();

ALTER TABLE tasks
  ADD COLUMN dispatches    integer NOT NULL DEFAULT 0,
  ADD COLUMN dispatched_at timestamptz,
  -- A worker leased or committed.
  ADD COLUMN seen_at       timestamptz;
`,
};
