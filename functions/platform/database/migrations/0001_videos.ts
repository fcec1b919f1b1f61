import type { Migration } from "../migrator.ts";

export const videos: Migration = {
  id: "0001_videos",
  sql: /* sql */ `
CREATE TABLE videos (
  video_id        uuid PRIMARY KEY,
  owner           text NOT NULL,
  title           text NOT NULL,
  file_name       text NOT NULL,
  status          text NOT NULL
                  CHECK (status IN ('uploading', 'planning', 'transcoding', 'packaging', 'ready', 'failed', 'deleting')),
  failure_code    text,
  failure_message text,
  source_bytes    bigint NOT NULL,
  plan_hash       text,
  duration_ms     bigint,
  width           integer,
  height          integer,
  -- Segments that every track has, counted from the first without a gap: what viewers may see.
  frontier        integer NOT NULL DEFAULT 0,
  playable_ms     bigint NOT NULL DEFAULT 0,
  has_poster      boolean NOT NULL DEFAULT false,
  -- Of the request that made the upload; every log line and message about this video carries it.
  correlation_id  text NOT NULL,
  -- Whole milliseconds, so that a page's cursor, which is a JavaScript date, names a row exactly.
  created_at      timestamptz NOT NULL DEFAULT date_trunc('milliseconds', now()),
  ready_at        timestamptz
);
CREATE INDEX videos_by_owner ON videos (owner, created_at DESC, video_id DESC);

CREATE TABLE uploads (
  upload_id       uuid PRIMARY KEY,
  video_id        uuid NOT NULL UNIQUE REFERENCES videos ON DELETE CASCADE,
  owner           text NOT NULL,
  s3_upload_id    text,
  size_bytes      bigint NOT NULL,
  part_bytes      bigint NOT NULL,
  part_count      integer NOT NULL,
  state           text NOT NULL CHECK (state IN ('open', 'completed', 'aborted')),
  completed_parts text,
  idempotency_key text NOT NULL,
  request_hash    text NOT NULL,
  created_at      timestamptz NOT NULL DEFAULT now(),
  UNIQUE (owner, idempotency_key)
);

CREATE TABLE plans (
  video_id    uuid PRIMARY KEY REFERENCES videos ON DELETE CASCADE,
  plan_hash   text NOT NULL,
  -- The S3 event that led here: a repeated event finds its plan.
  source_etag text NOT NULL,
  plan        jsonb NOT NULL,
  created_at  timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE tasks (
  task_id     text PRIMARY KEY,
  video_id    uuid NOT NULL REFERENCES videos ON DELETE CASCADE,
  kind        text NOT NULL CHECK (kind IN ('video', 'audio')),
  ticket      uuid NOT NULL,
  spec        jsonb NOT NULL,
  attempts    integer NOT NULL DEFAULT 0,
  finished_at timestamptz
);
CREATE INDEX tasks_by_video ON tasks (video_id);

CREATE TABLE segments (
  video_id  uuid NOT NULL REFERENCES videos ON DELETE CASCADE,
  -- "720p", "audio": the name of the track and of its folder.
  rendition text NOT NULL,
  number    integer NOT NULL,
  task_id   text NOT NULL,
  bytes     integer NOT NULL,
  -- Frames for video, samples for audio: EXTINF is this over the track's rate.
  length    integer NOT NULL,
  etag      text NOT NULL,
  PRIMARY KEY (video_id, rendition, number)
);

CREATE TABLE init_segments (
  video_id  uuid NOT NULL REFERENCES videos ON DELETE CASCADE,
  rendition text NOT NULL,
  bytes     integer NOT NULL,
  sha256    text NOT NULL,
  PRIMARY KEY (video_id, rendition)
);
`,
};
