/** Everything that the memory pipeline remembers: people, what they noted, what is to be done and when they are to be told, and who did what. */
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Immutable once released; changes are new migrations. */
export class Memory1768200000000 implements MigrationInterface {
  readonly name = 'Memory1768200000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('CREATE SCHEMA IF NOT EXISTS memory');
    await runner.query('CREATE EXTENSION IF NOT EXISTS pg_trgm');
    await runner.query(PEOPLE);
    await runner.query(MEMORIES);
    await runner.query(TIMES);
    await runner.query(HOUSE);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP SCHEMA IF EXISTS memory CASCADE');
  }
}

const PEOPLE = `
  -- Of somebody on Telegram the id is their number there.
  CREATE TABLE memory.person (
    id text PRIMARY KEY CHECK (id ~ '^[A-Za-z0-9_.:-]{1,64}$'),
    display_name text NOT NULL,
    is_allowed boolean NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL DEFAULT engine.clock()
  );

  CREATE TABLE memory.setting (
    user_id text PRIMARY KEY REFERENCES memory.person (id) ON DELETE CASCADE,
    time_zone text NOT NULL DEFAULT 'UTC',
    language text NOT NULL DEFAULT 'en',
    quiet_from text CHECK (quiet_from ~ '^([01][0-9]|2[0-3]):[0-5][0-9]$'),
    quiet_to text CHECK (quiet_to ~ '^([01][0-9]|2[0-3]):[0-5][0-9]$'),
    event_lead_minutes int NOT NULL DEFAULT 60 CHECK (event_lead_minutes >= 0),
    created_at timestamptz NOT NULL DEFAULT engine.clock(),
    updated_at timestamptz NOT NULL DEFAULT engine.clock(),
    CHECK ((quiet_from IS NULL) = (quiet_to IS NULL))
  );

  -- What a person's own programs sign in with; of the key itself only a hash.
  CREATE TABLE memory.access_key (
    id uuid PRIMARY KEY,
    user_id text NOT NULL REFERENCES memory.person (id) ON DELETE CASCADE,
    hash text NOT NULL UNIQUE,
    created_at timestamptz NOT NULL DEFAULT engine.clock(),
    revoked_at timestamptz
  );
  CREATE INDEX access_key_user ON memory.access_key (user_id);
`;

const MEMORIES = `
  CREATE TABLE memory.memory (
    id uuid PRIMARY KEY,
    owner_id text NOT NULL REFERENCES memory.person (id),
    source_chat_id text,
    source_message_id text,
    content text,
    media_type text CHECK (media_type IN ('image')),
    media_file_id text,
    media_path text,
    status text NOT NULL CHECK (status IN ('confirmed', 'pending')),
    pending_expires_at timestamptz,
    is_pinned boolean NOT NULL DEFAULT false,
    -- The confirmed tags, so that they are searched with the content.
    tag_words text NOT NULL DEFAULT '',
    words text NOT NULL GENERATED ALWAYS AS (coalesce(content, '') || ' ' || tag_words) STORED,
    search tsvector NOT NULL GENERATED ALWAYS AS (to_tsvector('english', coalesce(content, '') || ' ' || tag_words) || to_tsvector('simple', coalesce(content, '') || ' ' || tag_words)) STORED,
    -- When an expired one that could not go is tried again, and why it could not.
    expiry_due_at timestamptz,
    expiry_tries int NOT NULL DEFAULT 0,
    expiry_error text,
    created_at timestamptz NOT NULL DEFAULT engine.clock(),
    updated_at timestamptz NOT NULL DEFAULT engine.clock(),
    CHECK ((status = 'pending') = (pending_expires_at IS NOT NULL)),
    CHECK ((status = 'pending') = (expiry_due_at IS NOT NULL))
  );
  CREATE INDEX memory_owner ON memory.memory (owner_id, created_at DESC, id DESC);
  -- The same message of a chat, handled again, is one memory.
  CREATE UNIQUE INDEX memory_source ON memory.memory (owner_id, source_message_id) WHERE source_message_id IS NOT NULL;
  CREATE INDEX memory_expiring ON memory.memory (expiry_due_at) WHERE status = 'pending';
  CREATE INDEX memory_search ON memory.memory USING gin (search) WHERE status = 'confirmed';
  CREATE INDEX memory_trigrams ON memory.memory USING gin (words gin_trgm_ops) WHERE status = 'confirmed';

  CREATE TABLE memory.tag (
    memory_id uuid NOT NULL REFERENCES memory.memory (id) ON DELETE CASCADE,
    tag text NOT NULL,
    status text NOT NULL CHECK (status IN ('suggested', 'confirmed')),
    suggested_at timestamptz,
    confirmed_at timestamptz,
    PRIMARY KEY (memory_id, tag),
    CHECK (status <> 'suggested' OR suggested_at IS NOT NULL),
    CHECK (status <> 'confirmed' OR confirmed_at IS NOT NULL)
  );
  CREATE INDEX tag_suggested ON memory.tag (suggested_at) WHERE status = 'suggested';
`;

const TIMES = `
  CREATE TABLE memory.task (
    id uuid PRIMARY KEY,
    memory_id uuid REFERENCES memory.memory (id),
    owner_id text NOT NULL REFERENCES memory.person (id),
    description text NOT NULL,
    state text NOT NULL CHECK (state IN ('NOT_DONE', 'DONE')),
    due_at timestamptz,
    recurrence jsonb,
    completed_at timestamptz,
    -- What it was made by, where that may be handled again.
    source_key text,
    created_at timestamptz NOT NULL DEFAULT engine.clock(),
    updated_at timestamptz NOT NULL DEFAULT engine.clock(),
    CHECK ((state = 'DONE') = (completed_at IS NOT NULL))
  );
  CREATE INDEX task_owner ON memory.task (owner_id, created_at DESC, id DESC);
  CREATE UNIQUE INDEX task_source ON memory.task (owner_id, source_key) WHERE source_key IS NOT NULL;
  CREATE INDEX task_memory ON memory.task (memory_id) WHERE memory_id IS NOT NULL;

  -- One row is one occurrence: what repeats it makes the next one.
  CREATE TABLE memory.reminder (
    id uuid PRIMARY KEY,
    series_id uuid NOT NULL,
    memory_id uuid REFERENCES memory.memory (id),
    owner_id text NOT NULL REFERENCES memory.person (id),
    text text,
    fire_at timestamptz NOT NULL,
    -- When the step takes it up: at fire_at, or later when it failed.
    due_at timestamptz NOT NULL,
    recurrence jsonb,
    missed_policy text NOT NULL DEFAULT 'coalesce' CHECK (missed_policy IN ('coalesce', 'all', 'skip')),
    fired boolean NOT NULL DEFAULT false,
    fired_at timestamptz,
    missed int NOT NULL DEFAULT 0,
    done_at timestamptz,
    -- What the buttons of its notice carry.
    token text,
    -- How often it was set anew after it had fired.
    arming int NOT NULL DEFAULT 0,
    source_key text,
    failures int NOT NULL DEFAULT 0,
    last_error text,
    created_at timestamptz NOT NULL DEFAULT engine.clock(),
    updated_at timestamptz NOT NULL DEFAULT engine.clock(),
    CHECK (fired = (fired_at IS NOT NULL))
  );
  CREATE INDEX reminder_due ON memory.reminder (due_at) WHERE NOT fired;
  CREATE INDEX reminder_owner ON memory.reminder (owner_id, fire_at, id);
  CREATE UNIQUE INDEX reminder_source ON memory.reminder (owner_id, source_key) WHERE source_key IS NOT NULL;
  CREATE INDEX reminder_memory ON memory.reminder (memory_id) WHERE memory_id IS NOT NULL;
  CREATE INDEX reminder_series ON memory.reminder (series_id) WHERE NOT fired;
  CREATE UNIQUE INDEX reminder_token ON memory.reminder (token) WHERE token IS NOT NULL;

  CREATE TABLE memory.event (
    id uuid PRIMARY KEY,
    memory_id uuid REFERENCES memory.memory (id),
    owner_id text NOT NULL REFERENCES memory.person (id),
    description text NOT NULL,
    event_time timestamptz NOT NULL,
    source_type text NOT NULL CHECK (source_type IN ('email', 'manual')),
    source_detail text,
    status text NOT NULL CHECK (status IN ('pending', 'confirmed', 'rejected')),
    pending_since timestamptz NOT NULL,
    -- How often it was asked again, and when it is next; null when it is not asked any more.
    asked int NOT NULL DEFAULT 0,
    ask_at timestamptz,
    reminder_id uuid REFERENCES memory.reminder (id) ON DELETE SET NULL,
    confirmed_at timestamptz,
    token text,
    failures int NOT NULL DEFAULT 0,
    last_error text,
    created_at timestamptz NOT NULL DEFAULT engine.clock(),
    updated_at timestamptz NOT NULL DEFAULT engine.clock()
  );
  CREATE INDEX event_asked ON memory.event (ask_at) WHERE status = 'pending' AND ask_at IS NOT NULL;
  CREATE INDEX event_owner ON memory.event (owner_id, event_time DESC, id DESC);
  CREATE INDEX event_memory ON memory.event (memory_id) WHERE memory_id IS NOT NULL;
  CREATE INDEX event_reminder ON memory.event (reminder_id) WHERE reminder_id IS NOT NULL;
  CREATE UNIQUE INDEX event_token ON memory.event (token) WHERE token IS NOT NULL;
`;

const HOUSE = `
  CREATE TABLE memory.audit (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    owner_id text NOT NULL,
    entity_type text NOT NULL CHECK (entity_type IN ('user', 'user_settings', 'memory', 'tag', 'task', 'reminder', 'event')),
    entity_id text NOT NULL,
    action text NOT NULL CHECK (action IN ('created', 'confirmed', 'deleted', 'expired', 'fired', 'skipped', 'updated', 'rejected', 'requeued', 'done', 'snoozed', 'exported', 'failed')),
    actor text NOT NULL,
    detail jsonb NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL DEFAULT engine.clock()
  );
  CREATE INDEX audit_entity ON memory.audit (entity_type, entity_id);
  CREATE INDEX audit_owner ON memory.audit (owner_id, id DESC);
  CREATE INDEX audit_age ON memory.audit USING brin (created_at);

  -- A file whose row is gone: it is removed after the commit, and again until it is.
  CREATE TABLE memory.tombstone (
    path text PRIMARY KEY,
    owner_id text NOT NULL,
    memory_id uuid NOT NULL,
    due_at timestamptz NOT NULL DEFAULT engine.clock(),
    tries int NOT NULL DEFAULT 0,
    error text,
    created_at timestamptz NOT NULL DEFAULT engine.clock()
  );
  CREATE INDEX tombstone_due ON memory.tombstone (due_at);
`;
