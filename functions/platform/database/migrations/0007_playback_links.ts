import type { Migration } from "../migrator.ts";

export const playbackLinks: Migration = {
  id: "0007_playback_links",
  sql: /* sql */ `
-- Of the link that anybody may have; NULL while the video is private.
ALTER TABLE videos ADD COLUMN public_link_id uuid;

CREATE TABLE playback_links (
  link_id    uuid PRIMARY KEY,
  -- Without a foreign key: what was revoked is remembered until it would have expired, also when
  -- its video is gone.
  video_id   uuid NOT NULL,
  label      text,
  -- 'revoking': to be revoked, but the edge may not know yet.
  state      text NOT NULL DEFAULT 'valid' CHECK (state IN ('valid', 'revoking', 'revoked')),
  created_at timestamptz NOT NULL DEFAULT date_trunc('milliseconds', now()),
  expires_at timestamptz NOT NULL
);
CREATE INDEX playback_links_by_video ON playback_links (video_id, created_at DESC);
CREATE INDEX playback_links_to_revoke ON playback_links (link_id) WHERE state = 'revoking';
CREATE INDEX playback_links_by_end ON playback_links (expires_at);
`,
};
