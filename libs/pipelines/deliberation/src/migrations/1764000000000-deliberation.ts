/** Everything that deliberation remembers: people, their submissions, what was understood, the groups, the ballots, and the evidence of it all. */
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Immutable once released; changes are new migrations. */
export class Deliberation1764000000000 implements MigrationInterface {
  readonly name = 'Deliberation1764000000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('CREATE SCHEMA IF NOT EXISTS deliberation');
    await runner.query(INTAKE);
    await runner.query(GROUPS);
    await runner.query(BALLOTS);
    await runner.query(EVIDENCE);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP SCHEMA IF EXISTS deliberation CASCADE');
  }
}

const INTAKE = `
  CREATE TABLE deliberation.account (
    id uuid PRIMARY KEY,
    ref varchar(64) NOT NULL UNIQUE,
    locale text NOT NULL CHECK (locale IN ('en', 'fa')),
    email_verified boolean NOT NULL DEFAULT false,
    messaging_verified boolean NOT NULL DEFAULT false,
    linked_at timestamptz,
    contribution_count int NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL DEFAULT engine.clock(),
    last_active_at timestamptz NOT NULL DEFAULT engine.clock()
  );

  CREATE TABLE deliberation.submission (
    id uuid PRIMARY KEY,
    account_id uuid NOT NULL REFERENCES deliberation.account (id),
    external_id varchar(200),
    raw_text text NOT NULL,
    text_hash char(64) NOT NULL,
    language text NOT NULL CHECK (language IN ('en', 'fa', 'other')),
    status text NOT NULL CHECK (status IN ('pending', 'canonicalized', 'processed', 'rejected', 'quarantined')),
    reason_code text,
    rejection_reason text,
    attempts int NOT NULL DEFAULT 0,
    next_attempt_at timestamptz,
    imported boolean NOT NULL DEFAULT false,
    submitted_at timestamptz NOT NULL,
    created_at timestamptz NOT NULL DEFAULT engine.clock(),
    processed_at timestamptz,
    quarantined_until timestamptz,
    CHECK ((status = 'quarantined') = (quarantined_until IS NOT NULL)),
    UNIQUE (account_id, external_id)
  );
  CREATE INDEX submission_status ON deliberation.submission (status, submitted_at);
  CREATE INDEX submission_account ON deliberation.submission (account_id, created_at);

  -- An attempt that left no submission, such as one with personal data in it. It holds no text.
  CREATE TABLE deliberation.intake_attempt (
    id uuid PRIMARY KEY,
    account_id uuid NOT NULL REFERENCES deliberation.account (id),
    reason text NOT NULL,
    at timestamptz NOT NULL DEFAULT engine.clock()
  );
  CREATE INDEX intake_attempt_account ON deliberation.intake_attempt (account_id, at);

  CREATE TABLE deliberation.candidate (
    id uuid PRIMARY KEY,
    submission_id uuid NOT NULL REFERENCES deliberation.submission (id),
    position int NOT NULL,
    title varchar(255) NOT NULL,
    summary text NOT NULL,
    stance text NOT NULL CHECK (stance IN ('support', 'oppose', 'neutral', 'unclear')),
    language text NOT NULL CHECK (language IN ('en', 'fa', 'other')),
    entities jsonb NOT NULL DEFAULT '[]',
    topic_words jsonb NOT NULL DEFAULT '[]',
    confidence real NOT NULL CHECK (confidence BETWEEN 0 AND 1),
    ambiguity_flags jsonb NOT NULL DEFAULT '[]',
    provider text NOT NULL,
    model_version text NOT NULL,
    prompt_version text NOT NULL,
    embedding bytea,
    embedding_model text,
    embedding_dimensions int,
    archived_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT engine.clock(),
    UNIQUE (submission_id, position),
    CHECK (octet_length(embedding) = 4 * embedding_dimensions),
    CHECK ((embedding IS NULL) = (embedding_model IS NULL) AND (embedding IS NULL) = (embedding_dimensions IS NULL))
  );
  CREATE INDEX candidate_open ON deliberation.candidate (embedding_model, id) WHERE archived_at IS NULL;
`;

const GROUPS = `
  CREATE TABLE deliberation.cluster (
    id uuid PRIMARY KEY,
    status text NOT NULL DEFAULT 'open' CHECK (status IN ('open', 'archived')),
    embedding_model text NOT NULL,
    title jsonb NOT NULL,
    summary jsonb NOT NULL,
    question jsonb,
    keywords jsonb NOT NULL DEFAULT '[]',
    member_count int NOT NULL,
    centroid bytea NOT NULL,
    cohesion real NOT NULL,
    persistence real NOT NULL,
    stability real,
    unstable boolean NOT NULL DEFAULT false,
    needs_resummarize boolean NOT NULL DEFAULT true,
    last_summarized_count int NOT NULL DEFAULT 0,
    provider text,
    model_version text,
    created_run_id uuid NOT NULL,
    updated_run_id uuid NOT NULL,
    created_at timestamptz NOT NULL DEFAULT engine.clock(),
    archived_at timestamptz
  );
  CREATE INDEX cluster_open ON deliberation.cluster (embedding_model, id) WHERE status = 'open';

  CREATE TABLE deliberation.cluster_member (
    cluster_id uuid NOT NULL REFERENCES deliberation.cluster (id),
    candidate_id uuid NOT NULL UNIQUE REFERENCES deliberation.candidate (id),
    probability real NOT NULL,
    PRIMARY KEY (cluster_id, candidate_id)
  );

  CREATE TABLE deliberation.clustering_run (
    id uuid PRIMARY KEY,
    run_id uuid NOT NULL,
    embedding_model text NOT NULL,
    parameters jsonb NOT NULL,
    reduction jsonb NOT NULL,
    candidate_count int NOT NULL,
    cluster_count int NOT NULL,
    noise_count int NOT NULL,
    mst_total double precision NOT NULL,
    created_at timestamptz NOT NULL DEFAULT engine.clock(),
    UNIQUE (run_id, embedding_model)
  );

  CREATE TABLE deliberation.clustering_assignment (
    clustering_run_id uuid NOT NULL REFERENCES deliberation.clustering_run (id),
    candidate_id uuid NOT NULL REFERENCES deliberation.candidate (id),
    label int NOT NULL,
    probability real NOT NULL,
    outlier_score real NOT NULL,
    cluster_id uuid REFERENCES deliberation.cluster (id),
    PRIMARY KEY (clustering_run_id, candidate_id)
  );

  CREATE TABLE deliberation.cluster_change (
    id uuid PRIMARY KEY,
    run_id uuid NOT NULL,
    kind text NOT NULL CHECK (kind IN ('birth', 'match', 'split', 'merge', 'death')),
    cluster_id uuid NOT NULL REFERENCES deliberation.cluster (id),
    other_cluster_id uuid REFERENCES deliberation.cluster (id),
    jaccard real,
    joined int NOT NULL DEFAULT 0,
    left_count int NOT NULL DEFAULT 0,
    at timestamptz NOT NULL DEFAULT engine.clock()
  );
  CREATE INDEX cluster_change_history ON deliberation.cluster_change (cluster_id, at);
  CREATE INDEX cluster_change_run ON deliberation.cluster_change (run_id);

  CREATE TABLE deliberation.policy_option (
    id uuid PRIMARY KEY,
    cluster_id uuid NOT NULL REFERENCES deliberation.cluster (id),
    generation int NOT NULL,
    position int NOT NULL CHECK (position >= 1),
    label jsonb NOT NULL,
    description jsonb NOT NULL,
    provider text NOT NULL,
    model_version text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT engine.clock(),
    superseded_at timestamptz,
    UNIQUE (cluster_id, generation, position)
  );
`;

const BALLOTS = `
  CREATE TABLE deliberation.endorsement (
    id uuid PRIMARY KEY,
    account_id uuid NOT NULL REFERENCES deliberation.account (id),
    cluster_id uuid NOT NULL REFERENCES deliberation.cluster (id),
    created_at timestamptz NOT NULL DEFAULT engine.clock(),
    UNIQUE (account_id, cluster_id)
  );
  CREATE INDEX endorsement_cluster ON deliberation.endorsement (cluster_id);

  CREATE TABLE deliberation.voting_cycle (
    id uuid PRIMARY KEY,
    started_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    status text NOT NULL CHECK (status IN ('active', 'tallied')),
    results jsonb,
    total_voters int NOT NULL DEFAULT 0,
    opened_run_id uuid NOT NULL,
    tallied_run_id uuid,
    CHECK (ends_at > started_at)
  );
  CREATE UNIQUE INDEX voting_cycle_one_active ON deliberation.voting_cycle ((true)) WHERE status = 'active';

  CREATE TABLE deliberation.ballot_item (
    cycle_id uuid NOT NULL REFERENCES deliberation.voting_cycle (id),
    cluster_id uuid NOT NULL REFERENCES deliberation.cluster (id),
    position int NOT NULL,
    PRIMARY KEY (cycle_id, cluster_id)
  );
  CREATE INDEX ballot_item_cluster ON deliberation.ballot_item (cluster_id);

  CREATE TABLE deliberation.ballot_option (
    cycle_id uuid NOT NULL,
    cluster_id uuid NOT NULL,
    option_id uuid NOT NULL REFERENCES deliberation.policy_option (id),
    position int NOT NULL,
    PRIMARY KEY (cycle_id, cluster_id, option_id),
    FOREIGN KEY (cycle_id, cluster_id) REFERENCES deliberation.ballot_item (cycle_id, cluster_id)
  );

  -- A revision is a further row; a person's last one counts.
  CREATE TABLE deliberation.vote (
    id uuid PRIMARY KEY,
    account_id uuid NOT NULL REFERENCES deliberation.account (id),
    cycle_id uuid NOT NULL REFERENCES deliberation.voting_cycle (id),
    selections jsonb NOT NULL,
    created_at timestamptz NOT NULL DEFAULT engine.clock()
  );
  CREATE INDEX vote_last ON deliberation.vote (cycle_id, account_id, created_at DESC, id DESC);
`;

const EVIDENCE = `
  CREATE TABLE deliberation.evidence (
    id uuid PRIMARY KEY,
    recorded_at timestamptz(3) NOT NULL,
    event_type text NOT NULL,
    entity_type text NOT NULL,
    entity_id text NOT NULL,
    payload jsonb NOT NULL,
    seq bigint UNIQUE,
    prev_hash text,
    hash char(64),
    sealed_at timestamptz,
    CHECK ((seq IS NULL) = (hash IS NULL) AND (seq IS NULL) = (prev_hash IS NULL) AND (seq IS NULL) = (sealed_at IS NULL))
  );
  CREATE INDEX evidence_unsealed ON deliberation.evidence (recorded_at, id) WHERE seq IS NULL;
  CREATE INDEX evidence_entity ON deliberation.evidence (entity_type, entity_id);
  CREATE INDEX evidence_event ON deliberation.evidence (event_type, seq);

  -- Append-only: the one change a row ever sees is its place in the chain, given once.
  CREATE FUNCTION deliberation.refuse_evidence_change() RETURNS trigger LANGUAGE plpgsql AS $$
  BEGIN
    IF TG_OP IN ('DELETE', 'TRUNCATE') THEN RAISE EXCEPTION 'evidence is append-only: it can not be deleted'; END IF;
    IF OLD.seq IS NOT NULL THEN RAISE EXCEPTION 'evidence % is sealed: it can not be changed', OLD.id; END IF;
    IF (OLD.id, OLD.recorded_at, OLD.event_type, OLD.entity_type, OLD.entity_id, OLD.payload)
       IS DISTINCT FROM (NEW.id, NEW.recorded_at, NEW.event_type, NEW.entity_type, NEW.entity_id, NEW.payload)
    THEN RAISE EXCEPTION 'evidence % is append-only: only its seal can be added', OLD.id; END IF;
    RETURN NEW;
  END $$;
  CREATE TRIGGER evidence_append_only BEFORE UPDATE OR DELETE ON deliberation.evidence FOR EACH ROW EXECUTE FUNCTION deliberation.refuse_evidence_change();
  CREATE TRIGGER evidence_no_truncate BEFORE TRUNCATE ON deliberation.evidence FOR EACH STATEMENT EXECUTE FUNCTION deliberation.refuse_evidence_change();

  -- What a salted hash in a payload stands for. Deletable: the chain covers only the hash.
  CREATE TABLE deliberation.evidence_private (
    evidence_id uuid NOT NULL REFERENCES deliberation.evidence (id),
    field text NOT NULL,
    salt char(64) NOT NULL,
    value text NOT NULL,
    PRIMARY KEY (evidence_id, field)
  );
  CREATE INDEX evidence_private_value ON deliberation.evidence_private (field, value);

  CREATE TABLE deliberation.evidence_root (
    day date PRIMARY KEY,
    root char(64) NOT NULL,
    entry_count int NOT NULL,
    first_seq bigint NOT NULL,
    last_seq bigint NOT NULL,
    head_hash char(64) NOT NULL,
    created_at timestamptz NOT NULL DEFAULT engine.clock()
  );
`;
