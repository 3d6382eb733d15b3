/** Everything that is kept of one person, as they can take it away: lines of JSON, read in one snapshot and a page at a time, however much it is. */
import { inTransaction } from '@carillon/persistence';
import type { MemoryServices } from '../services.js';
import { recordAudit } from '../store/audit.js';

const TABLES = [
  ['settings', `SELECT time_zone, language, quiet_from, quiet_to, event_lead_minutes FROM memory.setting WHERE user_id = $1`],
  ['memory', `SELECT id, content, media_type, media_file_id, media_path, status, pending_expires_at, is_pinned, source_chat_id, source_message_id, created_at, updated_at FROM memory.memory WHERE owner_id = $1 ORDER BY id`],
  ['tag', `SELECT t.* FROM memory.tag t JOIN memory.memory m ON m.id = t.memory_id WHERE m.owner_id = $1 ORDER BY t.memory_id, t.tag`],
  ['task', `SELECT id, memory_id, description, state, due_at, recurrence, completed_at, created_at, updated_at FROM memory.task WHERE owner_id = $1 ORDER BY id`],
  ['reminder', `SELECT id, series_id, memory_id, text, fire_at, recurrence, missed_policy, fired, fired_at, missed, done_at, created_at, updated_at FROM memory.reminder WHERE owner_id = $1 ORDER BY id`],
  ['event', `SELECT id, memory_id, description, event_time, source_type, source_detail, status, asked, reminder_id, confirmed_at, created_at, updated_at FROM memory.event WHERE owner_id = $1 ORDER BY id`],
  ['audit', `SELECT id, entity_type, entity_id, action, actor, detail, created_at FROM memory.audit WHERE owner_id = $1 ORDER BY id`],
] as const;
const PAGE = 1_000;

/** Lines `{"kind", …}`. Images are named by their path; `GET …/image` has their bytes. */
export async function* exportPerson({ dataSource }: MemoryServices, userId: string): AsyncGenerator<string> {
  await inTransaction(dataSource, (manager) => recordAudit(manager, `user:${userId}`, [{ ownerId: userId, entityType: 'user', entityId: userId, action: 'exported' }]));
  const runner = dataSource.createQueryRunner();
  try {
    await runner.startTransaction('REPEATABLE READ');
    for (const [kind, sql] of TABLES) {
      await runner.query(`DECLARE page NO SCROLL CURSOR FOR ${sql}`, [userId]);
      for (let rows: object[] = [{}]; rows.length > 0; ) {
        rows = (await runner.query(`FETCH ${PAGE} FROM page`)) as object[];
        for (const row of rows) yield `${JSON.stringify({ kind, ...row })}\n`;
      }
      await runner.query('CLOSE page');
    }
    await runner.commitTransaction();
  } finally {
    // A reader that went away leaves it open; what was only read need not be kept.
    if (runner.isTransactionActive) await runner.rollbackTransaction();
    await runner.release();
  }
}
