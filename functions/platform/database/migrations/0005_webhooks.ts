import type { Migration } from "../migrator.ts";

/** Whom owners want told, and the outbox of what there is to tell. No column holds a secret. */
export const webhooks: Migration = {
  id: "0005_webhooks",
  sql: /* sql */ `
CREATE TABLE webhooks (
  webhook_id           uuid PRIMARY KEY,
  owner                text NOT NULL,
  url                  text NOT NULL,
  events               jsonb NOT NULL,
  description          text,
  -- What its signing secret is derived from: a master key and how many secrets there were.
  key_number           integer NOT NULL,
  secret_version       integer NOT NULL DEFAULT 1,
  previous_key_number  integer,
  previous_valid_until timestamptz,
  disabled_at          timestamptz,
  idempotency_key      text NOT NULL,
  request_hash         text NOT NULL,
  created_at           timestamptz NOT NULL DEFAULT now(),
  UNIQUE (owner, idempotency_key)
);

-- Written with the change it tells of. It outlives its video: what happened is still to be told.
CREATE TABLE webhook_events (
  event_id       uuid PRIMARY KEY,
  owner          text NOT NULL,
  -- Of a test there is none.
  video_id       uuid,
  type           text NOT NULL,
  -- As it is signed, byte for byte.
  body           text NOT NULL,
  correlation_id text NOT NULL,
  occurred_at    timestamptz NOT NULL,
  -- One event a change, however often the change is repeated.
  UNIQUE (video_id, type)
);
CREATE INDEX webhook_events_by_age ON webhook_events (occurred_at);

CREATE TABLE webhook_deliveries (
  webhook_id      uuid NOT NULL REFERENCES webhooks ON DELETE CASCADE,
  event_id        uuid NOT NULL REFERENCES webhook_events ON DELETE CASCADE,
  state           text NOT NULL CHECK (state IN ('pending', 'succeeded', 'failed', 'given-up')),
  -- Messages sent for it. Only the latest counts, so that there are never two that both come again.
  sendings        integer NOT NULL DEFAULT 0,
  handed_over     boolean NOT NULL DEFAULT false,
  attempts        integer NOT NULL DEFAULT 0,
  -- Since it was last asked for.
  failures        integer NOT NULL DEFAULT 0,
  next_attempt_at timestamptz NOT NULL,
  -- Somebody is at it until then.
  leased_until    timestamptz,
  -- When nothing was heard of it by then, its message is lost.
  sweep_at        timestamptz NOT NULL,
  PRIMARY KEY (webhook_id, event_id)
);
CREATE INDEX webhook_deliveries_by_event ON webhook_deliveries (event_id);
CREATE INDEX webhook_deliveries_to_sweep ON webhook_deliveries (sweep_at) WHERE state = 'pending';
CREATE INDEX webhook_deliveries_under_way ON webhook_deliveries (webhook_id, leased_until)
  WHERE leased_until IS NOT NULL;

CREATE TABLE webhook_attempts (
  webhook_id  uuid NOT NULL,
  event_id    uuid NOT NULL,
  number      integer NOT NULL,
  at          timestamptz NOT NULL,
  duration_ms integer NOT NULL,
  status      integer,
  error       text,
  PRIMARY KEY (webhook_id, event_id, number),
  FOREIGN KEY (webhook_id, event_id) REFERENCES webhook_deliveries ON DELETE CASCADE
);
`,
};
