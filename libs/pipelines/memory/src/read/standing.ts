/** How things stand for one person: what waits, what was done last, and what is wrong. */
import { NoticeLedger } from '@carillon/persistence';
import type { NoticeRow } from '@carillon/persistence';
import { acting } from '../intake/acting.js';
import type { MemoryServices } from '../services.js';
import { SYSTEM } from '../store/audit.js';
import type { Standing, Waiting } from '../texts/bot.js';

/** Notices that are looked at; a person who has more of them open is told of so many. */
const NOTICES = 200;
const WEEK_MS = 7 * 86_400_000;

export async function waitingFor(services: MemoryServices, userId: string): Promise<Waiting> {
  const [row] = await acting(services, userId, ({ manager }) =>
    manager.query<Omit<Waiting, 'notices'>[]>(
      `SELECT (SELECT count(*)::int FROM memory.memory WHERE owner_id = $1 AND status = 'pending') AS images,
              (SELECT count(*)::int FROM memory.event WHERE owner_id = $1 AND status = 'pending') AS events,
              (SELECT count(*)::int FROM memory.tag t JOIN memory.memory m ON m.id = t.memory_id WHERE m.owner_id = $1 AND t.status = 'suggested') AS "suggestedTags",
              (SELECT count(*)::int FROM memory.task WHERE owner_id = $1 AND state = 'NOT_DONE') AS tasks, r.reminders, r.next AS "nextReminder"
       FROM (SELECT count(*)::int AS reminders, min(fire_at) AS next FROM memory.reminder WHERE owner_id = $1 AND NOT fired) r`,
      [userId],
    ));
  const notices = await Promise.all((['queued', 'sending', 'failed'] as const).map((status) => new NoticeLedger(services.dataSource).list({ recipient: userId, status, limit: NOTICES })));
  return { ...(row as Omit<Waiting, 'notices'>), notices: notices.flat().length };
}

/** How things stand, and which model reads along. */
export async function standingOf(services: MemoryServices, userId: string): Promise<Standing> {
  const [now, own] = await acting(services, userId, async ({ manager, now }) => {
    const [row] = await manager.query<Pick<Standing, 'overdue' | 'failing' | 'lastDone'>[]>(
      `SELECT (SELECT count(*)::int FROM memory.reminder WHERE owner_id = $1 AND NOT fired AND failures = 0 AND due_at < $2::timestamptz - interval '1 minute') AS overdue,
              (SELECT count(*)::int FROM memory.reminder WHERE owner_id = $1 AND NOT fired AND failures > 0) AS failing`,
      [userId, now],
    );
    const [last] = await manager.query<{ what: string; action: string; at: Date }[]>('SELECT entity_type AS what, action, created_at AS at FROM memory.audit WHERE owner_id = $1 AND actor = $2 AND action <> \'created\' ORDER BY id DESC LIMIT 1', [userId, SYSTEM]);
    return [now, { overdue: row?.overdue ?? 0, failing: row?.failing ?? 0, lastDone: last ?? null }] as const;
  });
  const notices = await new NoticeLedger(services.dataSource).list({ recipient: userId, limit: NOTICES });
  const [last] = notices;
  const lost = notices.filter(({ status, createdAt }) => (status === 'dead' || status === 'undeliverable') && createdAt.getTime() > now.getTime() - WEEK_MS).length;
  const { model } = services;
  const spent = await model.isSpent();
  return { now, ...own, lost, model: !model.does('times') ? 'none' : spent ? 'spent' : model.does('notes') ? 'notes' : 'times', seesImages: model.does('images') && !spent, lastTold: last === undefined ? null : { at: last.sentAt ?? last.createdAt, arrived: ARRIVED[last.status] } };
}

const ARRIVED: Readonly<Record<NoticeRow['status'], NonNullable<Standing['lastTold']>['arrived']>> = { queued: 'waits', sending: 'waits', failed: 'waits', sent: 'yes', 'dry-run': 'no', uncertain: 'unknown', dead: 'no', undeliverable: 'no' };
