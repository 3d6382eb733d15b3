import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * What people send to the bot: updates kept once each until they are handled, who a chat is inside Carillon, what a button stands for, and where a conversation stands.
 * All four outlive the process, so that a restart in mid-conversation is not noticed.
 */
export class Telegram1768000000000 implements MigrationInterface {
  readonly name = 'Telegram1768000000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE SCHEMA telegram;

      -- The one place that knows which chat is which person: everything else speaks of the ref.
      CREATE TABLE telegram.chat (
        chat_id bigint PRIMARY KEY,
        ref uuid NOT NULL UNIQUE,
        locale text NOT NULL,
        created_at timestamptz NOT NULL DEFAULT engine.clock()
      );

      -- Telegram repeats what it got no answer to; the key makes each update one row. The body goes when it is handled.
      CREATE TABLE telegram.update (
        update_id bigint PRIMARY KEY,
        chat_id bigint,
        body jsonb,
        state text NOT NULL DEFAULT 'received' CHECK (state IN ('received', 'handled', 'failed')),
        attempts int NOT NULL DEFAULT 0,
        due_at timestamptz NOT NULL DEFAULT engine.clock(),
        lease_until timestamptz,
        error text,
        received_at timestamptz NOT NULL DEFAULT engine.clock(),
        handled_at timestamptz
      );
      CREATE INDEX update_waiting ON telegram.update (received_at, update_id) WHERE state = 'received';
      CREATE INDEX update_of_chat ON telegram.update (chat_id, received_at, update_id) WHERE state = 'received';
      CREATE INDEX update_received ON telegram.update (received_at);

      CREATE TABLE telegram.callback_token (
        token text PRIMARY KEY,
        surface text NOT NULL,
        action text NOT NULL,
        payload jsonb NOT NULL,
        recipient text NOT NULL,
        once boolean NOT NULL,
        used_by bigint,
        created_at timestamptz NOT NULL DEFAULT engine.clock(),
        expires_at timestamptz NOT NULL
      );
      CREATE INDEX callback_token_expiry ON telegram.callback_token (expires_at);

      CREATE TABLE telegram.conversation (
        ref uuid PRIMARY KEY REFERENCES telegram.chat (ref) ON DELETE CASCADE,
        surface text NOT NULL,
        state jsonb NOT NULL,
        updated_at timestamptz NOT NULL DEFAULT engine.clock()
      );
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP SCHEMA telegram CASCADE');
  }
}
