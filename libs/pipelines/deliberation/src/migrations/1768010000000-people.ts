/** Who was in a cluster from when to when, and what people need to take part by themselves: addresses, sessions, codes, disputes, withdrawals. */
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class People1768010000000 implements MigrationInterface {
  readonly name = 'People1768010000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(MEMBERSHIP);
    await runner.query(PEOPLE);
    await runner.query(DISPUTES);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP TABLE deliberation.dispute, deliberation.cluster_exclusion, deliberation.signup_attempt, deliberation.failed_code, deliberation.secret, deliberation.email_link, deliberation.cluster_membership;
      ALTER TABLE deliberation.account DROP COLUMN chat_ref, DROP COLUMN erased_at;
      ALTER TABLE deliberation.vote DROP COLUMN request_key;
      UPDATE deliberation.submission SET status = 'rejected', reason_code = 'withdrawn' WHERE status = 'withdrawn';
      ALTER TABLE deliberation.submission DROP CONSTRAINT submission_status_check,
        ADD CONSTRAINT submission_status_check CHECK (status IN ('pending', 'canonicalized', 'processed', 'rejected', 'quarantined'));
    `);
  }
}

const MEMBERSHIP = `
  -- cluster_member says who is in now; this says who was in, from which run to which. A row that is not over has no left_at.
  CREATE TABLE deliberation.cluster_membership (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    cluster_id uuid NOT NULL REFERENCES deliberation.cluster (id),
    candidate_id uuid NOT NULL REFERENCES deliberation.candidate (id),
    joined_run_id uuid NOT NULL,
    joined_at timestamptz NOT NULL,
    left_run_id uuid,
    left_at timestamptz,
    left_because text CHECK (left_because IN ('regrouped', 'withdrawn', 'disputed')),
    CHECK ((left_at IS NULL) = (left_because IS NULL))
  );
  CREATE UNIQUE INDEX cluster_membership_now ON deliberation.cluster_membership (candidate_id) WHERE left_at IS NULL;
  CREATE INDEX cluster_membership_cluster ON deliberation.cluster_membership (cluster_id, joined_at);

  -- What is in a cluster already joined it in the first run that put it there.
  INSERT INTO deliberation.cluster_membership (cluster_id, candidate_id, joined_run_id, joined_at)
    SELECT m.cluster_id, m.candidate_id, coalesce(f.run_id, c.created_run_id), coalesce(f.created_at, c.created_at)
    FROM deliberation.cluster_member m JOIN deliberation.cluster c ON c.id = m.cluster_id
    LEFT JOIN LATERAL (
      SELECT r.run_id, r.created_at FROM deliberation.clustering_assignment a JOIN deliberation.clustering_run r ON r.id = a.clustering_run_id
      WHERE a.candidate_id = m.candidate_id AND a.cluster_id = m.cluster_id ORDER BY r.created_at, r.id LIMIT 1) f ON true;

  -- A request that is repeated is one vote.
  ALTER TABLE deliberation.vote ADD COLUMN request_key text UNIQUE;
`;

const PEOPLE = `
  ALTER TABLE deliberation.account
    -- Who the person is to the bot; what chat that is only the bot's own table knows.
    ADD COLUMN chat_ref uuid UNIQUE,
    ADD COLUMN erased_at timestamptz;

  ALTER TABLE deliberation.submission DROP CONSTRAINT submission_status_check,
    ADD CONSTRAINT submission_status_check CHECK (status IN ('pending', 'canonicalized', 'processed', 'rejected', 'quarantined', 'withdrawn'));

  -- The one place that knows whose an e-mail address is.
  CREATE TABLE deliberation.email_link (
    account_id uuid PRIMARY KEY REFERENCES deliberation.account (id),
    email varchar(320) NOT NULL UNIQUE,
    verified_at timestamptz NOT NULL DEFAULT engine.clock()
  );

  -- Sign-in links, linking codes and sessions: of each only a hash.
  CREATE TABLE deliberation.secret (
    id uuid PRIMARY KEY,
    kind text NOT NULL CHECK (kind IN ('magic_link', 'linking_code', 'session')),
    hash char(64) NOT NULL UNIQUE,
    account_id uuid REFERENCES deliberation.account (id),
    -- Of a link, until it is used: the address that it proves.
    email varchar(320),
    locale text NOT NULL DEFAULT 'en',
    created_at timestamptz NOT NULL DEFAULT engine.clock(),
    expires_at timestamptz NOT NULL,
    used_at timestamptz,
    CHECK ((kind = 'magic_link') = (account_id IS NULL))
  );
  CREATE INDEX secret_account ON deliberation.secret (account_id, kind);
  CREATE INDEX secret_email ON deliberation.secret (email, created_at) WHERE kind = 'magic_link';
  CREATE INDEX secret_expiry ON deliberation.secret (expires_at);

  CREATE TABLE deliberation.signup_attempt (
    id uuid PRIMARY KEY,
    requester_ip varchar(45) NOT NULL,
    email_domain varchar(255) NOT NULL,
    -- Many domains from one address: noted, not refused.
    flagged boolean NOT NULL,
    at timestamptz NOT NULL DEFAULT engine.clock()
  );
  CREATE INDEX signup_attempt_ip ON deliberation.signup_attempt (requester_ip, at);
  CREATE INDEX signup_attempt_at ON deliberation.signup_attempt (at);

  -- Codes that were wrong, by who tried them: too many, and nobody there can try for a day.
  CREATE TABLE deliberation.failed_code (
    id uuid PRIMARY KEY,
    subject text NOT NULL,
    at timestamptz NOT NULL DEFAULT engine.clock()
  );
  CREATE INDEX failed_code_subject ON deliberation.failed_code (subject, at);
`;

const DISPUTES = `
  -- A candidate that an upheld dispute took out of a cluster; clustering keeps the two apart from then on.
  CREATE TABLE deliberation.cluster_exclusion (
    cluster_id uuid NOT NULL REFERENCES deliberation.cluster (id),
    candidate_id uuid NOT NULL REFERENCES deliberation.candidate (id),
    created_at timestamptz NOT NULL DEFAULT engine.clock(),
    PRIMARY KEY (cluster_id, candidate_id)
  );

  CREATE TABLE deliberation.dispute (
    id uuid PRIMARY KEY,
    account_id uuid NOT NULL REFERENCES deliberation.account (id),
    kind text NOT NULL CHECK (kind IN ('misunderstood', 'wrong_group', 'not_one_concern', 'misleading_title')),
    submission_id uuid REFERENCES deliberation.submission (id),
    cluster_id uuid REFERENCES deliberation.cluster (id),
    -- The person's own words; private, and gone when the person is.
    note text,
    status text NOT NULL CHECK (status IN ('open', 'upheld', 'refused')),
    -- What was found, in numbers and ids.
    finding jsonb,
    opened_at timestamptz NOT NULL DEFAULT engine.clock(),
    resolved_at timestamptz,
    CHECK ((submission_id IS NULL) <> (cluster_id IS NULL)),
    CHECK ((status = 'open') = (resolved_at IS NULL))
  );
  CREATE UNIQUE INDEX dispute_open_submission ON deliberation.dispute (account_id, submission_id) WHERE status = 'open' AND submission_id IS NOT NULL;
  CREATE UNIQUE INDEX dispute_open_cluster ON deliberation.dispute (account_id, cluster_id) WHERE status = 'open' AND cluster_id IS NOT NULL;
  CREATE INDEX dispute_account ON deliberation.dispute (account_id, opened_at);
  CREATE INDEX dispute_cluster ON deliberation.dispute (cluster_id, opened_at) WHERE cluster_id IS NOT NULL;
`;
